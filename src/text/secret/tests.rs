use super::*;
use proptest::prelude::*;

#[test]
fn secrets_are_redacted() {
    for (text, shown) in [
        ("msiexec /x {A} KLPASSWD=hunter2 /qn", "msiexec /x {A} KLPASSWD=<redacted> /qn"),
        ("setup.exe KLUNINSTPASSWD=\"my pass\" /s", "setup.exe KLUNINSTPASSWD=\"<redacted>\" /s"),
        ("setup.exe \"KLPASSWD=my pass\" /s", "setup.exe \"KLPASSWD=<redacted>\" /s"),
        (r"C:\a\un.exe /p:hunter2 /s", r"C:\a\un.exe /p:<redacted> /s"),
        ("tool -password hunter2 -x", "tool -password <redacted> -x"),
        ("tool --password='a b' -x", "tool --password='<redacted>' -x"),
        ("tool /Password:hunter2", "tool /Password:<redacted>"),
        ("tool --db-pass hunter2", "tool --db-pass <redacted>"),
        ("Environment=KLPASSWD=hunter2", "Environment=KLPASSWD=<redacted>"),
        ("Environment=\"A=1\" \"DB_PASSWORD=x y\"", "Environment=\"A=1\" \"DB_PASSWORD=<redacted>\""),
        ("curl https://u:hunter2@h/x", "curl https://u:<redacted>@h/x"),
        ("curl https://h/x?access_token=abc&y=1", "curl https://h/x?access_token=<redacted>&y=1"),
        ("curl https://h/x?sv=1&sig=abc%3D&y=1", "curl https://h/x?sv=1&sig=<redacted>&y=1"),
        ("curl -H 'Authorization: Bearer abc.def' x", "curl -H 'Authorization: <redacted>' x"),
        ("curl -u bob:hunter2 h", "curl -u bob:<redacted> h"),
        ("{\"password\": \"hunter2\"}", "{\"password\": \"<redacted>\"}"),
        ("Server=s;Password=hunter2", "Server=s;Password=<redacted>"),
        ("git clone https://ghp_0123456789abcdefghij@h/x", "git clone https://<redacted>@h/x"),
        ("x ghp_0123456789abcdefghij", "x <redacted>"),
        ("sshpass -p hunter2 ssh h", "sshpass -p <redacted> ssh h"),
        ("plink.exe -pw hunter2 h", "plink.exe -pw <redacted> h"),
        ("openssl rsa -passin pass:hunter2", "openssl rsa -passin pass:<redacted>"),
        ("setup.exe KLPASSWD = hunter2 /qn", "setup.exe KLPASSWD = <redacted> /qn"),
        ("setup.exe KLPASSWD: hunter2 /qn", "setup.exe KLPASSWD: <redacted> /qn"),
        ("setup.exe /pw:hunter2 -p:hunter2", "setup.exe /pw:<redacted> -p:<redacted>"),
        (r#"setup.exe /v"/qn KLPASSWD=hunter2" /s"#, r#"setup.exe /v"/qn KLPASSWD=<redacted>" /s"#),
        (r#"setup.exe /v"/qn KLPASSWD=\"my pass\"""#, r#"setup.exe /v"/qn KLPASSWD=\"<redacted>\"""#),
        (r#"setup.exe /v"/qn KLPASSWD=\\"my pass\\"""#, r#"setup.exe /v"/qn KLPASSWD=\\"<redacted>\\"""#),
        (r#"setup.exe /v"/qn KLPASSWD=""my pass"""#, r#"setup.exe /v"/qn KLPASSWD=""<redacted>"""#),
        (r#"tool --password="hun\"ter two" z"#, r#"tool --password="<redacted>" z"#),
        (r#"tool KLPASSWD=hun"ter two"x z"#, "tool KLPASSWD=<redacted> z"),
        ("Server=s;Password=hunter two;Uid=u", "Server=s;Password=<redacted>;Uid=u"),
        ("curl -H \"PRIVATE-TOKEN: hunter2\" h", "curl -H \"PRIVATE-TOKEN: <redacted>\" h"),
        ("curl -H \"Authorization:Basic hunter2\" h", "curl -H \"Authorization:<redacted>\" h"),
        ("curl -H 'Cookie: sid=hunter2; a=b' h", "curl -H 'Cookie: <redacted>' h"),
        ("/usr/bin/curl -ubob:hunter2 h", "/usr/bin/curl -ubob:<redacted> h"),
        ("curl --user=bob:hunter2 h", "curl --user=bob:<redacted> h"),
        (
            "curl https://h/x?X-Amz-Signature=abc&key=def",
            "curl https://h/x?X-Amz-Signature=<redacted>&key=<redacted>",
        ),
        ("mysql -u root -phunter2 db", "mysql -u root -p<redacted> db"),
        (
            "cmd /c C:\\t\\PsExec.exe -u bob -p hunter2 cmd",
            "cmd /c C:\\t\\PsExec.exe -u bob -p <redacted> cmd",
        ),
        ("7z x -phunter2 a.7z", "7z x -p<redacted> a.7z"),
        ("redis-cli -a hunter2 get x", "redis-cli -a <redacted> get x"),
        (r"net use Z: \\srv\s hunter2 /user:bob", r"net use Z: \\srv\s <redacted> /user:bob"),
        ("net user bob hunter2 /add", "net user bob <redacted> /add"),
        ("tool ПАРОЛЬ=hunter2 --пароль hunter2", "tool ПАРОЛЬ=<redacted> --пароль <redacted>"),
        ("tool --kennwort hunter2 PASSWORT=hunter2", "tool --kennwort <redacted> PASSWORT=<redacted>"),
        ("tool --bearer hunter2 x", "tool --bearer <redacted> x"),
    ] {
        assert_eq!(redacted(text), shown, "{text}");
        assert_eq!(redacted(shown), shown, "again");
        assert!(is_secret(text) && is_secret(shown));
    }
}

#[test]
fn what_is_no_secret_stays() {
    for text in [
        "System, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089",
        "server -p 8080",
        "docker run -u 1000:1000 x",
        "powershell -ExecutionPolicy Bypass -File a.ps1",
        "tool --password-file /etc/x --token-path /y",
        "msiexec /x {A} KLPASSWD=<password> /qn",
        "tool --password=%PASSWORD% --token ${TOKEN}",
        "msbuild /p:Configuration=Release",
        "https://host:8443/path",
        "Kaspersky Password Manager",
        "C:\\Program Files\\Pass\\a.exe",
        "mask.*** PASSWORD=***",
        "Resets the password: the user chooses one",
        "7z x a.7z -o/tmp",
        "ssh -p 8080 host",
        "psql -p 5432",
        "tool -p:8080 x",
        "a bearer of news",
        r#"msiexec KLPASSWD="" B="""#,
        r"net use Z: \\srv\s /user:bob",
        r"net use Z: \\srv\s * /user:bob",
        "net start Spooler",
        "https://h/x?country=de&page=2",
        "mysql --port=3306 db",
    ] {
        assert_eq!(redacted(text), text);
        assert!(!is_secret(text), "{text}");
    }
}

/// A user decides how long a command is, and what is in it.
#[test]
fn a_long_text_costs_what_its_length_costs() {
    for word in ["://", ".auth(", "password= "] {
        let started = std::time::Instant::now();
        let text = word.repeat(100_000 / word.len());
        drop(redacted(&text));
        assert!(started.elapsed() < std::time::Duration::from_secs(30), "{word}: {:?}", started.elapsed());
    }
    let long = format!("{}--password hunter2 {}", "a ".repeat(8_185), "b ".repeat(100_000));
    assert_eq!(redacted(&long), long.replace("hunter2", REDACTED));
}

/// Lines as installers, databases, clients of clouds and shells have them; `\\n` stands for a line's end.
fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| !line.is_empty()).map(|line| line.replace(r"\n", "\n"))
}

#[test]
fn no_program_leaves_its_password() {
    let all = include_str!("../../../tests/fixtures/secrets/secret.txt");
    for line in lines(all) {
        let shown = redacted(&line);
        assert!(shown.contains(REDACTED), "{line}");
        assert!(!shown.contains("hunter2") && !shown.contains("S3cr3tS3cr3t"), "{line}: {shown}");
        assert_eq!(redacted(&shown), shown, "again: {line}");
    }
    assert!(lines(all).count() > 700);
}

#[test]
fn lines_without_a_password_stay_whole() {
    for line in lines(include_str!("../../../tests/fixtures/secrets/harmless.txt")) {
        assert_eq!(redacted(&line), line);
    }
    for line in lines(include_str!("../../../tests/fixtures/secrets/prose.txt")) {
        assert_eq!(redacted_prose(&line), line);
    }
}

proptest! {
    #[test]
    fn a_password_never_stays(before in "[a-zA-Z ./\\\\-]{0,12}", secret in "[a-zA-Z0-9!#$.,;+-]{6,12}", name in "KLPASSWD=|KLUNINSTPASSWD=|/p:|-password |--password=|PASSWORD=") {
        let text = format!("{before} {name}Z9{secret} rest");
        let shown = redacted(&text).into_owned();
        prop_assert!(!shown.contains(&format!("Z9{secret}")), "{}", shown);
        prop_assert!(shown.contains(REDACTED));
    }

    #[test]
    fn no_text_is_too_strange(text in "[\"'=:/@?&<>%$ a-zP\u{e9}\u{1f600}-]{0,60}|password=\\PC{0,10}|https://\\PC{0,20}") {
        let shown = redacted(&text).into_owned();
        prop_assert!(shown == text || shown.contains(REDACTED));
    }
}
