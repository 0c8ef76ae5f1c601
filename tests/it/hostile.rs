//! Texts of hostile machines in every format: they stay text. Each report is written once with hostile texts and once
//! with plain ones, read by readers that others wrote where there are any, and must have the same shape.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use debar::report::{FORMATS, Look, ScanReport};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::{Value, json};

fn report(text: &str) -> Vec<ScanReport> {
    let evidence = json!({"collector": "deb_packages", "indicators": ["package"], "matched": format!("name equals {text}"),
        "strength": "conclusive", "state": "installed", "fields": {"name": text, "version": text, "maintainer": text},
        "location": {"path": format!("/opt/{text}")}});
    let step = json!({"title": text, "commands": [format!("rm -r {text}")], "note": text});
    let rule = json!({"id": text, "title": text, "citation": text, "jurisdiction": "US", "binding": true, "summary": text,
        "binds": [text], "status": "in force", "in_force": true, "effects": [], "since": "2024-01-01",
        "days_in_force": 3, "url": format!("javascript:{text}")});
    let finding = |state: &str| {
        json!({"id": "v/p", "product": {"id": "v/p", "vendor": text, "name": text},
        "status": "banned", "state": state, "in_force": true, "rules": [rule], "removal": [step], "note": text,
        "warnings": [text], "evidence": [evidence],
        "exception": {"id": text, "owner": text, "reason": text, "status": "not_affected", "justification": text}})
    };
    let report = json!({"schema_version": "1.1", "verdict": "found", "target": {"kind": "host", "name": text, "host": text,
        "os": {"name": text, "family": "linux"}}, "as_of": "2026-11-24", "findings": [finding("installed"), finding("running")],
        "gaps": [{"kind": "denied", "collector": "deb_packages", "place": text, "detail": text}],
        "coverage": [{"collector": "deb_packages", "outcome": "ran", "artifacts": 1, "gaps": 1}], "skipped": [],
        "warnings": [text], "versions": {"debar": "0.1.0", "account": text, "elevated": true},
        "started": "2026-11-24T00:00:00Z", "finished": "2026-11-24T00:00:01Z", "duration_ms": 1});
    vec![serde_json::from_value(report).unwrap()]
}

fn written(format: &str, text: &str) -> String {
    let format = FORMATS.iter().find(|known| known.name == format).unwrap();
    let mut out = Vec::new();
    (format.scan)(&report(text), Look::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The elements of XML or HTML, and the names of their attributes, in order.
fn elements(markup: &str) -> Vec<String> {
    let element =
        regex::Regex::new(r#"<(/?[A-Za-z!?][A-Za-z0-9-]*)((?:\s+[a-zA-Z:-]+(?:="[^"]*")?)*)\s*/?>"#).unwrap();
    let names = regex::Regex::new(r#"([a-zA-Z:-]+)="[^"]*""#).unwrap();
    let found: Vec<String> = element
        .captures_iter(markup)
        .map(|found| {
            let names: Vec<&str> =
                names.captures_iter(&found[2]).map(|name| name.get(1).unwrap().as_str()).collect();
            format!("{} {}", &found[1], names.join(" "))
        })
        .collect();
    found
}

/// What GitHub's flavour makes of Markdown, without the text.
fn shape(markdown: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    Parser::new_ext(markdown, options)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(format!("link {dest_url}"))
            }
            Event::Start(tag) => Some(format!("{tag:?}").split(['(', '{']).next().unwrap().to_owned()),
            Event::Html(html) | Event::InlineHtml(html) => Some(format!("html {html}")),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::Rule => {
                Some(format!("{event:?}"))
            }
            _ => None,
        })
        .collect()
}

/// The rows of CSV by the grammar of RFC 4180; Python's reader takes the same files in `tests/formats`.
fn cells(csv: &str) -> Vec<Vec<String>> {
    let cell = regex::Regex::new("(?:\"((?:[^\"]|\"\")*)\"|([^\",\r\n]*))(,|\r\n)").unwrap();
    let (mut rows, mut row, mut read) = (Vec::new(), Vec::new(), 0);
    while let Some(found) = cell.captures_at(csv, read).filter(|found| found.get(0).unwrap().start() == read)
    {
        let text = found.get(1).map(|quoted| quoted.as_str().replace("\"\"", "\""));
        row.push(text.unwrap_or_else(|| found[2].to_owned()));
        if &found[3] == "\r\n" {
            rows.push(std::mem::take(&mut row));
        }
        read = found.get(0).unwrap().end();
    }
    assert_eq!(read, csv.len(), "no CSV from byte {read} on");
    rows
}

/// Texts that break out of one syntax or another.
fn hostile() -> impl Strategy<Value = String> {
    let atoms = [
        "$(reboot)",
        "`reboot`",
        "'",
        "\"",
        "\n",
        "\r",
        "\t",
        "%PATH%",
        "%0A",
        "\u{1b}[31m",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "<script>",
        "</script>",
        "</noscript>",
        "<img src=x onerror=x>",
        "<!--",
        "-->",
        "]]>",
        "<![CDATA[",
        "&lt;",
        "&#0;",
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        "\u{ff1d}1",
        "|",
        "||",
        "\\",
        "`",
        "``",
        "```\n",
        "~~~\n",
        "# ",
        "> ",
        "- ",
        "* ",
        "1. ",
        "---\n",
        "[a](http://b)",
        "![a](b)",
        "<http://b>",
        "http://b.example",
        "www.b.example",
        "@user",
        "#12",
        "::error::x",
        "\n::error::x",
        "##[error]",
        "##vso[x]y",
        "**",
        "__",
        "~~",
        ",",
        ";",
        "\u{feff}",
        "é\u{301}",
        "كاس",
        "\u{1f600}",
        "a",
        "b",
        " ",
        "  ",
        "[^1]",
        "[ ] ",
        "{{",
        "}}",
        "<br>",
        ":",
        ".",
        "&",
    ];
    prop::collection::vec(prop::sample::select(atoms.to_vec()), 1..7).prop_map(|atoms| atoms.concat())
}

fn hidden(char: char) -> bool {
    (char.is_control() && !"\r\n".contains(char))
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn hostile_text_stays_text(text in hostile()) {
        for format in ["html", "junit"] {
            let page = written(format, &text);
            prop_assert_eq!(elements(&page), elements(&written(format, "plain")), "{}", format);
            let policy = "-content=\"default-src 'none'";
            prop_assert!(format == "junit" || page.matches(policy).count() <= 1);
        }
        prop_assert_eq!(shape(&written("markdown", &text)), shape(&written("markdown", "plain")));
        let (rows, plain) = (cells(&written("csv", &text)), cells(&written("csv", "plain")));
        prop_assert_eq!(rows.len(), plain.len());
        for cell in rows.iter().flatten() {
            let first = cell.trim_start().chars().next();
            prop_assert!(first.is_none_or(|first| !"=+-@|%\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(first)), "{}", cell);
        }
        prop_assert!(rows.iter().all(|row| row.len() == plain[0].len()));
        let lines = |text: &str| written("github", text).lines().map(|line| line.split_once("::").is_some()
            && ["::error ", "::warning ", "::notice "].iter().any(|head| line.starts_with(head))).collect::<Vec<_>>();
        prop_assert_eq!(lines(&text), lines("plain"));
        for format in ["json", "sarif", "cyclonedx"] {
            let parsed: Result<Value, _> = serde_json::from_str(&written(format, &text));
            prop_assert!(parsed.is_ok(), "{}", format);
        }
        for format in ["ndjson", "ocsf"] {
            let out = written(format, &text);
            prop_assert_eq!(out.lines().count(), written(format, "plain").lines().count(), "{}", format);
            for line in out.lines() {
                prop_assert!(serde_json::from_str::<Value>(line).is_ok());
            }
        }
        let json: Value = serde_json::from_str(&written("json", &text)).unwrap();
        prop_assert_eq!(json["findings"][0]["product"]["name"].as_str(), Some(text.as_str()));
        // JSON keeps what it escapes itself, and RFC 5424 marks UTF-8.
        let own = ["json", "ndjson", "sarif", "cyclonedx", "ocsf", "syslog"];
        for format in FORMATS.iter().map(|format| format.name).filter(|name| !own.contains(name)) {
            let out = written(format, &text);
            prop_assert!(!out.chars().any(hidden), "{}: {:?}", format, out.chars().find(|char| hidden(*char)));
            prop_assert!(!out.contains("##[") && !out.contains("##vso["), "{}", format);
            let command = out.lines().find(|line| format != "github" && line.trim_start().starts_with("::"));
            prop_assert_eq!(command, None, "{}", format);
        }
    }
}
