//! Actions that programs declare to polkit: polkit(8), "Declaring actions"; freedesktop.org, `policyconfig-1.dtd`.

use super::xml::{self, Element};
use crate::bytes::{Damage, DamageKind, Salvaged};

/// An action, or the file itself when no action could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolkitAction {
    /// Identifier: `com.example.pkexec.tool`.
    pub id: String,
    /// Who supplies the action; the file's own where the action names nobody.
    pub vendor: Option<String>,
    /// Where to read more about it.
    pub vendor_url: Option<String>,
    /// What the action is, without a language.
    pub description: Option<String>,
    /// Question that the user is asked, without a language.
    pub message: Option<String>,
    /// Program that `pkexec` runs for it.
    pub program: Option<String>,
}

/// Annotation that names the program of `pkexec`.
const EXEC_PATH: &str = "org.freedesktop.policykit.exec.path";

/// Actions read of one file; the largest known have some fifty.
const MAX_ACTIONS: usize = 1000;
/// Bytes kept of one text. Every action repeats the vendor of its file.
const MAX_TEXT: usize = 4096;

/// Reads the actions of a file. What comes before damage is kept.
pub fn parse(bytes: &[u8]) -> Salvaged<Vec<PolkitAction>> {
    let mut file = PolkitAction::default();
    let mut action = PolkitAction::default();
    let mut actions = Vec::new();
    let (mut is_many, mut is_long) = (false, false);
    let mut damage = xml::read(bytes, &mut |around, element| {
        if xml::is_path(around, &["policyconfig"]) && element.name == "action" {
            let mut whole = std::mem::take(&mut action);
            whole.id = element.attribute("id").unwrap_or_default().to_owned();
            if actions.len() < MAX_ACTIONS { actions.push(whole) } else { is_many = true }
        } else if xml::is_path(around, &["policyconfig", "action"]) {
            if let Some(around) = around.last().and_then(|action| action.attribute("id")) {
                around.clone_into(&mut action.id);
            }
            is_long |= take(element, &mut action);
        } else if xml::is_path(around, &["policyconfig"]) {
            is_long |= take(element, &mut file);
        }
    });
    if is_many {
        let what = format!("more than {MAX_ACTIONS} actions; the rest was not read");
        damage.push(Damage::new(DamageKind::OverLimit, None, what));
    }
    if is_long {
        let what = format!("a text of more than {MAX_TEXT} bytes; the rest was not read");
        damage.push(Damage::new(DamageKind::OverLimit, None, what));
    }
    // An action that the file ends inside of, and a vendor without any action.
    if action != PolkitAction::default() || (actions.is_empty() && file != PolkitAction::default()) {
        actions.push(action);
    }
    for action in &mut actions {
        action.vendor = action.vendor.take().or_else(|| file.vendor.clone());
        action.vendor_url = action.vendor_url.take().or_else(|| file.vendor_url.clone());
    }
    Salvaged { value: actions, damage }
}

/// Takes what an element says; whether its text was too long to keep whole.
fn take(element: &Element, action: &mut PolkitAction) -> bool {
    let mut text = element.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || element.attribute("lang").is_some() {
        return false;
    }
    let place = match element.name.as_str() {
        "vendor" => &mut action.vendor,
        "vendor_url" => &mut action.vendor_url,
        "description" => &mut action.description,
        "message" => &mut action.message,
        "annotate" if element.attribute("key") == Some(EXEC_PATH) => &mut action.program,
        _ => return false,
    };
    let is_long = text.len() > MAX_TEXT;
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    place.get_or_insert(text);
    is_long
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bytes::DamageKind;

    const FILE: &str = "<?xml version=\"1.0\"?><!DOCTYPE policyconfig PUBLIC \"-//freedesktop//DTD PolicyKit Policy \
        Configuration 1.0//EN\" \"http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd\">\
        <policyconfig><vendor>Example &amp; Co</vendor><vendor_url>https://example.com</vendor_url>\
        <action id=\"com.example.run\"><description xml:lang=\"de\">Starten</description>\
        <description>Run\n it</description><message>Really?</message><defaults><allow_any>no</allow_any></defaults>\
        <annotate key=\"org.freedesktop.policykit.exec.allow_gui\">true</annotate>\
        <annotate key=\"org.freedesktop.policykit.exec.path\">/opt/example/run</annotate></action>\
        <action id=\"com.example.stop\"><vendor>Other</vendor><message>Stop?</message></action></policyconfig>";

    #[test]
    fn actions_with_their_own_vendor_or_that_of_the_file() {
        let found = parse(FILE.as_bytes());
        assert_eq!(found.damage, []);
        let [run, stop] = found.value.as_slice() else { panic!("{:?}", found.value) };
        assert_eq!((run.id.as_str(), run.vendor.as_deref()), ("com.example.run", Some("Example & Co")));
        assert_eq!((run.description.as_deref(), run.message.as_deref()), (Some("Run it"), Some("Really?")));
        assert_eq!(run.program.as_deref(), Some("/opt/example/run"));
        assert_eq!((stop.id.as_str(), stop.vendor.as_deref()), ("com.example.stop", Some("Other")));
        assert_eq!(
            (stop.vendor_url.as_deref(), stop.program.as_deref()),
            (Some("https://example.com"), None)
        );
    }

    #[test]
    fn what_ends_early_keeps_what_came_before() {
        let cut = FILE.split_once("</action>").map(|(before, _)| before).unwrap_or_default();
        let found = parse(cut.as_bytes());
        assert_eq!(found.damage[0].kind, DamageKind::Truncated);
        assert_eq!((found.value.len(), found.value[0].id.as_str()), (1, "com.example.run"));
        assert_eq!(found.value[0].program.as_deref(), Some("/opt/example/run"));
        let found = parse(b"<policyconfig><vendor>Example</vendor><act");
        assert_eq!((found.damage.len(), found.value[0].vendor.as_deref()), (1, Some("Example")));
        assert_eq!((parse(b"").value, parse(b"hello").damage.len()), (vec![], 1));
    }

    #[test]
    fn a_long_vendor_is_not_repeated_in_many_actions() {
        let vendor = "é".repeat(300_000);
        let many = "<action id='a'/>".repeat(2 * MAX_ACTIONS);
        let text = format!("<policyconfig><vendor>{vendor}</vendor>{many}</policyconfig>");
        let found = parse(text.as_bytes());
        let kinds: Vec<DamageKind> = found.damage.iter().map(|damage| damage.kind).collect();
        assert_eq!(kinds, [DamageKind::OverLimit, DamageKind::OverLimit]);
        assert_eq!(found.value.len(), MAX_ACTIONS);
        assert!(
            found
                .value
                .iter()
                .all(|action| action.vendor.as_ref().is_some_and(|vendor| vendor.len() == MAX_TEXT))
        );
    }

    #[test]
    fn every_cut_of_a_file_is_damage_and_gives_no_action_that_the_file_lacks() {
        let whole = parse(FILE.as_bytes()).value;
        for at in 0..FILE.len() {
            let cut = parse(&FILE.as_bytes()[..at]);
            assert!(!cut.damage.is_empty(), "{at}");
            assert!(cut.value.len() <= whole.len(), "{at}");
            let is_known = |id: &str| id.is_empty() || whole.iter().any(|action| action.id == id);
            assert!(cut.value.iter().all(|action| is_known(&action.id)), "{at}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_text_never_panics(text in "(<policyconfig>|<action id=\"a\">|<vendor>|</|>|action|[<>/a\"=&; ]){0,30}") {
            let _ = parse(text.as_bytes());
        }
    }
}
