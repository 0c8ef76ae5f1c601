#!/bin/bash
# shellcheck disable=SC2034,SC2016 # which facts are read depends on the products; what looks like a variable is a name
# @HEADING@
# Extension attribute: prints the products that are found between <result> and </result>. It changes nothing.
root=${DEBAR_ROOT:-} # for tests: another root directory

hits=""
found() {
    case " $hits " in
    *" $1 "*) ;;
    *) hits="${hits:+$hits }$1" ;;
    esac
}

lower() {
    printf '%s' "$1" | tr '[:upper:]' '[:lower:]'
}

# Whether a text fits a pattern with a star at its begin, its end or both; the rest is literal.
is() {
    local text=$1 middle=$2
    middle=${middle#\*}
    middle=${middle%\*}
    case "$2" in
    \**\*) [[ "$text" == *"$middle"* ]] ;;
    \**) [[ "$text" == *"$middle" ]] ;;
    *\*) [[ "$text" == "$middle"* ]] ;;
    *) [[ "$text" == "$2" ]] ;;
    esac
}

@TESTS@

# A value of a property list, binary or not; only macOS has PlistBuddy.
value() {
    /usr/libexec/PlistBuddy -c "Print :$2" "$1" 2>/dev/null
}

while IFS= read -r -d '' plist; do
    bundle=${plist%/Contents/Info.plist}
    id=$(lower "$(value "$plist" CFBundleIdentifier)")
    path=$(lower "${bundle#"$root"}")
    test_apps
    test_system_extensions
done < <(find "$root/Applications" "$root"/Users/*/Applications "$root/Library/SystemExtensions" "$root/Library/Application Support" \
    -maxdepth 6 -path '*/Contents/Info.plist' -print0 2>/dev/null)

while IFS= read -r line; do
    id=$(lower "$line")
    test_package_receipts
done < <(pkgutil --pkgs 2>/dev/null)

for plist in "$root"/Library/LaunchDaemons/*.plist "$root"/Library/LaunchAgents/*.plist "$root"/Users/*/Library/LaunchAgents/*.plist; do
    [ -e "$plist" ] || continue
    id=$(lower "$(value "$plist" Label)")
    path=$(lower "${plist#"$root"}")
    test_launchd
done

for folder in "$root"/Library/*/* "$root/Library/Application Support"/*/* "$root"/Users/*/Library/*/*; do
    [ -d "$folder" ] || continue
    path=$(lower "${folder#"$root"}")
    test_program_folders
done

printf '<result>%s</result>\n' "$hits"
