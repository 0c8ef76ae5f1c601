#!/bin/sh
# Extension attribute of Jamf Pro (data type String, input type Script): clean, incomplete, found with the products, or
# why there is no answer. It reads the report of the daily scan and starts none, so that inventory stays quick.
folder='/Library/Application Support/debar'
report=$(find "$folder" -maxdepth 1 -name '*.json' -type f -exec stat -f '%m %N' {} + 2>/dev/null | sort -rn | head -n 1 | cut -d' ' -f2-)
if [ -z "$report" ]; then
  echo '<result>no report</result>'
  exit 0
fi
if [ -n "$(find "$report" -mtime +7 2>/dev/null)" ]; then
  echo '<result>stale report</result>'
  exit 0
fi
text=$(/usr/bin/plutil -extract verdict raw -o - "$report" 2>/dev/null)
case $text in
not_found) echo '<result>clean</result>' ;;
incomplete) echo '<result>incomplete</result>' ;;
found)
  products=''
  at=0
  while id=$(/usr/bin/plutil -extract "findings.$at.id" raw -o - "$report" 2>/dev/null); do
    state=$(/usr/bin/plutil -extract "findings.$at.state" raw -o - "$report" 2>/dev/null)
    products="$products $id=$state"
    at=$((at + 1))
  done
  # Nothing in it may end the element.
  echo "<result>found:$(printf %s "$products" | tr -d '<>&')</result>"
  ;;
*) echo '<result>unreadable report</result>' ;;
esac
