//! Names of secrets.

/// Endings of names that speak of a secret and hold none.
const ABOUT: &[&str] = &[
    "publickeytoken",
    "bypass",
    "compass",
    "trespass",
    "surpass",
    "overpass",
    "underpass",
    "file",
    "path",
    "stdin",
    "prompt",
    "policy",
    "length",
    "manager",
    "url",
    "uri",
    "type",
    "age",
    "expires",
    "required",
    "command",
    "cmd",
    "-fd",
    "-env",
    "name",
    "arn",
    "version",
    "provider",
    "class",
    "helper",
    "hint",
    "ttl",
    "-hash",
];
/// First words of names that say what is done about a secret: `--ask-become-pass`, `get-login-password`.
const DEEDS: &[&str] = &["ask", "no", "without", "skip", "disable", "get", "allow", "prompt"];
/// First words of names of commands that do something with a secret and are followed by what it is called.
const COMMANDS: &[&str] = &[
    "set", "use", "unset", "delete", "rotate", "list", "create", "add", "update", "change", "reset", "get",
    "new", "hash",
];
/// Words for a password in names, in lower case.
const PASSWORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "pswd",
    "passwort",
    "kennwort",
    "пароль",
    "contrasena",
    "contraseña",
    "senha",
    "wachtwoord",
    "haslo",
    "hasło",
    "heslo",
    "salasana",
    "losenord",
    "lösenord",
    "motdepasse",
    "密码",
    "密碼",
    "パスワード",
    "비밀번호",
];
/// Endings of names that hold a secret.
const ENDINGS: &[&str] = &[
    "pass",
    "pwd",
    "token",
    "apikey",
    "accesskey",
    "accountkey",
    "authkey",
    "encryptionkey",
    "licensekey",
    "activationkey",
    "activationcode",
    "unlockcode",
    "masterkey",
    "passkey",
    "presharedkey",
    "sharedkey",
    "subscriptionkey",
    "recoverykey",
    "registrationkey",
    "regkey",
    "tokenid",
    "customerkey",
    "sitekey",
    "joinkey",
    "installkey",
    "installationkey",
    "enrollkey",
    "enrollmentkey",
    "orgkey",
    "tenantkey",
    "productkey",
    "pidkey",
    "companycode",
    "masterauth",
    "keymaterial",
    "pskvalue",
    "credential",
    "credentials",
    "privatekey",
    "bearer",
    "jwt",
];
/// Last words of names that are too short to be looked for within others.
const WORDS: &[&str] = &["pw", "pin", "psk", "otp", "parola"];

/// Whether a name is that of a password or token.
pub fn is_secret_name(name: &str) -> bool {
    let name = name.trim_matches(|char: char| !char.is_alphanumeric());
    let lower = name.to_lowercase();
    let parts = || lower.split(|char: char| !char.is_alphanumeric());
    if ABOUT.iter().any(|about| lower.ends_with(about))
        || parts().next().is_some_and(|first| DEEDS.contains(&first))
    {
        return false;
    }
    let plain: String = lower.chars().filter(|char| char.is_alphanumeric()).collect();
    PASSWORDS.iter().any(|word| plain.contains(word))
        || lower.ends_with("sonar.login")
        || ENDINGS.iter().any(|word| plain.ends_with(word))
        || parts().next_back().is_some_and(|last| WORDS.contains(&last))
}

/// Whether a word is the name of a command and not of a secret: `set-credentials`.
pub(super) fn is_deed(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let first = lower.split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
    COMMANDS.contains(&first)
}

/// Whether a word is the name of a command that gives a user a password: `set-initial-password`, `setpassword`.
pub(super) fn is_setter(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let plain: String = lower.chars().filter(|char| char.is_alphanumeric()).collect();
    let is_name = lower.chars().all(|char| char.is_alphanumeric() || "-_".contains(char));
    is_name
        && ["set", "change", "reset", "update", "hash"].iter().any(|verb| plain.starts_with(verb))
        && ["password", "passwd", "userpass"].iter().any(|word| plain.ends_with(word))
}

/// Whether a name is that of a user's name with the password behind it: `BASIC_AUTH=bob:PASSWORD`.
pub(super) fn is_name_of_both(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let last = lower.rsplit(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
    matches!(last, "auth" | "creds" | "userpwd" | "userpass" | "basicauth" | "userinfo")
}

/// Whether a value under such a name is the path of a file that holds the secret: of other names it can be the secret.
pub(super) fn is_place_of(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let is_file = ["credential", "credentials", "privatekey", "private_key", "private-key"];
    let letter = value.as_bytes().get(1..3).is_some_and(|bytes| matches!(bytes, [b':', b'\\' | b'/']));
    is_file.iter().any(|ending| lower.ends_with(ending))
        && (letter || ["/", "~/", "./"].iter().any(|start| value.starts_with(start)))
}
