//! What is said on standard error beside reports: no line of it moves the cursor, or commands a build server.

use std::io::Write;

use crate::text::escape::{line, printable};

/// Says it on standard error, if there is one. Lines are kept; whatever else in it is not what it seems is escaped.
pub fn say(message: &str) {
    drop(std::io::stderr().lock().write_all(shown(message).as_bytes()));
}

/// Whether [`say`] changes nothing of it.
pub fn is_plain(message: &str) -> bool {
    shown(message).trim_end() == message.trim_end()
}

fn shown(message: &str) -> String {
    let mut shown = String::with_capacity(message.len() + 1);
    for text in message.trim_end_matches('\n').split('\n') {
        shown.push_str(&line(&printable(text)));
        shown.push('\n');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_commands_a_terminal_or_a_build_server() {
        let text = "error: \u{1b}]0;x\u{7}\u{9b}31m\r\u{202e}\n::error::fake\n  ##vso[x]\n";
        let expected =
            "error: \\u{1b}]0;x\\u{7}\\u{9b}31m\\u{d}\\u{202e}\n\\u{3a}:error::fake\n  \\u{23}#vso[x]\n";
        assert_eq!(shown(text), expected);
    }
}
