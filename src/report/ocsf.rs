//! `ocsf`: events of the Open Cybersecurity Schema Framework 1.6.0, one a line, for data lakes and SIEMs.
//!
//! A finding is a Compliance Finding (class 2003), and so is each place that could not be read, with status
//! unknown; a scan that found nothing sends one that passes, so that silence is never taken for clean. An artifact of
//! an inventory is a Software Inventory Info (class 5020). <https://schema.ocsf.io/1.6.0>

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::words::{self, headline, standing};
use super::{ArtifactEntry, InventoryReport, Look, ScanReport, TargetInfo, Verdict, Versions, purl, verdict};
use crate::finding::{Evidence, Finding, Removal};
use crate::model::{Field, Grade, OsIdentity, State, TargetKind};
use crate::signature::{Status, Strength};
use crate::text::file_name;

const VERSION: &str = "1.6.0";
const COMPLIANCE_FINDING: u32 = 2003;
const SOFTWARE_INVENTORY: u32 = 5020;
/// Pieces of evidence in one event: log pipelines cut lines that are too long.
const MAX_EVIDENCE: usize = 100;

/// What all events of a report share.
struct Source<'a> {
    target: &'a TargetInfo,
    versions: &'a Versions,
    started: &'a str,
    finished: &'a str,
}

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        let source = Source {
            target: &report.target,
            versions: &report.versions,
            started: &report.started,
            finished: &report.finished,
        };
        let mut put = |event: Value| crate::write::json(&event, false, out);
        report.findings.iter().try_for_each(|found| put(finding(found, report, &source)))?;
        for ((place, kind, detail), asked) in words::gaps(&report.gaps) {
            let uid = format!("{}/gap/{}/{place}", report.target.host, kind.word());
            let detail_text = format!("{} {place}: {detail} ({})", kind.word(), asked.join(", "));
            let severity = match kind.grade() {
                Grade::Blind => (2, "Low"),
                Grade::Limited => (1, "Informational"),
            };
            let mut event = source.unread(&uid, "Could not be read", &detail_text, severity);
            event.insert("remediation".to_owned(), json!({ "desc": kind.remedy() }));
            put(Value::Object(event))?;
        }
        for skipped in verdict::skipped(report) {
            let uid = format!("{}/skipped/{}", report.target.host, skipped.place);
            let detail_text = format!("{} ({})", skipped.place, skipped.reason);
            let event = source.unread(&uid, "Skipped on purpose", &detail_text, (1, "Informational"));
            put(Value::Object(event))?;
        }
        if matches!(report.verdict, Verdict::NotFound | Verdict::FilesChecked) {
            let detail_text = format!("{}. {}", verdict::heading(report), verdict::lines(report).join(" "));
            let compliance = json!({
                "control": "debar/scan", "status_id": 1, "status": "Pass", "standards": ["debar"],
            });
            let info = json!({ "uid": format!("{}/scan", report.target.host), "title": "No banned product" });
            put(Value::Object(source.compliance(1, "Informational", info, compliance, &detail_text)))?;
        }
    }
    Ok(())
}

pub(super) fn inventory(reports: &[InventoryReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        let source = Source {
            target: &report.target,
            versions: &report.versions,
            started: &report.started,
            finished: &report.finished,
        };
        for entry in &report.artifacts {
            let mut event =
                source.event(SOFTWARE_INVENTORY, "Software Inventory Info", 5, "Discovery", 2, "Collect");
            event.insert("severity_id".to_owned(), json!(1));
            event.insert("severity".to_owned(), json!("Informational"));
            event.insert("message".to_owned(), json!(headline(&entry.fields)));
            event.insert("package".to_owned(), package(entry, &report.target.os));
            event.insert(
                "unmapped".to_owned(),
                json!({
                    "collector": entry.collector,
                    "state": entry.state,
                    "fields": entry.fields,
                    "location": entry.location,
                }),
            );
            crate::write::json(&Value::Object(event), false, out)?;
        }
    }
    Ok(())
}

/// Milliseconds since 1970 of a time as reports write it.
fn milliseconds(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_millisecond)
}

impl Source<'_> {
    /// A place that was not read: its status is unknown.
    fn unread(
        &self,
        uid: &str,
        title: &str,
        detail: &str,
        (id, severity): (u32, &str),
    ) -> Map<String, Value> {
        let compliance = json!({
            "control": "debar/coverage",
            "status_id": 0, "status": "Unknown",
            "status_detail": detail,
            "standards": ["debar"],
        });
        let info = json!({ "uid": uid, "title": title, "desc": detail });
        self.compliance(id, severity, info, compliance, detail)
    }

    fn event(
        &self,
        class: u32,
        class_name: &str,
        category: u32,
        category_name: &str,
        activity: u32,
        activity_name: &str,
    ) -> Map<String, Value> {
        let event = json!({
            "activity_id": activity,
            "activity_name": activity_name,
            "category_uid": category,
            "category_name": category_name,
            "class_uid": class,
            "class_name": class_name,
            "type_uid": class * 100 + activity,
            "type_name": format!("{class_name}: {activity_name}"),
            "time": milliseconds(self.finished),
            "start_time": milliseconds(self.started),
            "end_time": milliseconds(self.finished),
            "metadata": {
                "version": VERSION,
                "product": { "name": "debar", "version": self.versions.debar, "vendor_name": "debar" },
            },
            "device": device(self.target),
        });
        match event {
            Value::Object(event) => event,
            _ => Map::new(),
        }
    }

    fn compliance(
        &self,
        severity: u32,
        severity_name: &str,
        info: Value,
        compliance: Value,
        message: &str,
    ) -> Map<String, Value> {
        let mut event = self.event(COMPLIANCE_FINDING, "Compliance Finding", 2, "Findings", 1, "Create");
        event.insert("severity_id".to_owned(), json!(severity));
        event.insert("severity".to_owned(), json!(severity_name));
        event.insert("status_id".to_owned(), json!(1));
        event.insert("status".to_owned(), json!("New"));
        event.insert("finding_info".to_owned(), info);
        event.insert("compliance".to_owned(), compliance);
        event.insert("message".to_owned(), json!(message));
        event
    }
}

fn device(target: &TargetInfo) -> Value {
    let (type_id, r#type) = match target.kind {
        TargetKind::Image => (6, "Virtual"),
        TargetKind::Host | TargetKind::Directory | TargetKind::Sbom => (0, "Unknown"),
    };
    let (os_id, os_type) = match target.os.os.map(|os| os.word()) {
        Some("windows") => (100, "Windows"),
        Some("linux") => (200, "Linux"),
        Some("macos") => (300, "macOS"),
        _ => (0, "Unknown"),
    };
    let name = if target.os.name.is_empty() { "Unknown" } else { &target.os.name };
    let mut os = json!({ "name": name, "type_id": os_id, "type": os_type });
    if !target.os.version.is_empty()
        && let Some(os) = os.as_object_mut()
    {
        os.insert("version".to_owned(), json!(target.os.version));
    }
    json!({
        "hostname": target.host, "name": target.name, "type_id": type_id, "type": r#type, "os": os,
    })
}

fn finding(finding: &Finding, report: &ScanReport, source: &Source<'_>) -> Value {
    let (severity, severity_name) = match finding.state {
        _ if !finding.counts() => (1, "Informational"),
        State::Running => (5, "Critical"),
        State::Installed => (4, "High"),
        State::Disabled | State::Embedded | State::Installer => (3, "Medium"),
        State::Remnant | State::DeletedInLaterLayer => (2, "Low"),
    };
    let (status, status_name) = match finding.status {
        _ if finding.counts() => (3, "Fail"),
        Status::Banned => (2, "Warning"),
        Status::Exempt | Status::Informational => (1, "Pass"),
    };
    let about = words::standing_of(finding);
    let requirements: Vec<String> =
        finding.rules.iter().map(|rule| format!("{}: {}", rule.title, standing(rule))).collect();
    let compliance = json!({
        "control": finding.product.id,
        "status_id": status,
        "status": status_name,
        "status_detail": about,
        "standards": finding.rules.iter().map(|rule| &rule.id).collect::<Vec<_>>(),
        "requirements": requirements,
    });
    let info = json!({
        "uid": format!("{}/{}", report.target.host, finding.id),
        "title": finding.product.name,
        "desc": format!("{} of {}: {about}", finding.product.name, finding.product.vendor),
        "types": [finding.status.word(), finding.state.word()],
        "data_sources": sources(finding),
        "created_time": milliseconds(&report.finished),
        "product": { "name": "debar", "version": report.versions.debar },
    });
    let message = format!("{} on {}: {about}", finding.product.name, report.target.host);
    let mut event = source.compliance(severity, severity_name, info, compliance, &message);
    let conclusive = finding.evidence.iter().any(|evidence| evidence.strength == Strength::Conclusive);
    let (confidence, confidence_name) = if conclusive { (3, "High") } else { (2, "Medium") };
    event.insert("confidence_id".to_owned(), json!(confidence));
    event.insert("confidence".to_owned(), json!(confidence_name));
    let evidences: Vec<Value> = finding.evidence.iter().take(MAX_EVIDENCE).map(evidence).collect();
    if !evidences.is_empty() {
        event.insert("evidences".to_owned(), Value::Array(evidences));
    }
    event.insert("count".to_owned(), json!((finding.evidence.len() + finding.evidence_omitted).max(1)));
    if !finding.removal.is_empty() {
        event.insert("remediation".to_owned(), json!({ "desc": remediation(finding) }));
    }
    if let Some(exception) = &finding.exception {
        event.insert("status_id".to_owned(), json!(3));
        event.insert("status".to_owned(), json!("Suppressed"));
        event.insert("comment".to_owned(), json!(words::exception(exception)));
    }
    Value::Object(event)
}

/// The steps of removal, a line each.
fn remediation(finding: &Finding) -> String {
    let line = |step: &Removal| {
        let note = step.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        if step.commands.is_empty() {
            format!("{}{note}", step.title)
        } else {
            format!("{}{note}: {}", step.title, step.commands.join("; "))
        }
    };
    finding.removal.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn sources(finding: &Finding) -> Vec<&str> {
    let mut sources: Vec<&str> =
        finding.evidence.iter().map(|evidence| evidence.collector.as_str()).collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

fn evidence(evidence: &Evidence) -> Value {
    let mut evidence_data = json!({ "data": {
        "collector": evidence.collector,
        "state": evidence.state,
        "strength": evidence.strength,
        "indicators": evidence.indicators,
        "fields": evidence.fields,
        "location": evidence.location,
    }});
    if let Some(evidence_data) = evidence_data.as_object_mut() {
        if let Some(path) = &evidence.location.path {
            let name = Some(file_name(path)).filter(|name| !name.is_empty()).unwrap_or("/");
            evidence_data.insert("file".to_owned(), json!({ "name": name, "path": path, "type_id": 0 }));
        }
        if let Some(pid) = evidence.location.pid {
            evidence_data.insert("process".to_owned(), json!({ "pid": pid }));
        }
    }
    evidence_data
}

fn package(entry: &ArtifactEntry, os: &OsIdentity) -> Value {
    let text = |field: Field| entry.fields.get(&field).and_then(|value| value.texts().next());
    let name = [Field::Name, Field::DisplayName, Field::Identifier, Field::Subject, Field::Path];
    let name = name.iter().find_map(|field| text(*field)).unwrap_or(&entry.collector);
    let mut package = Map::new();
    package.insert("name".to_owned(), json!(name));
    // The schema requires one; an empty text says that its source states none.
    package.insert("version".to_owned(), json!(text(Field::Version).unwrap_or_default()));
    let makers = [Field::Publisher, Field::Vendor, Field::Maintainer, Field::Company];
    let epoch = text(Field::Epoch).and_then(|epoch| epoch.parse::<u32>().ok());
    for (key, value) in [
        ("release", text(Field::Release).map(Value::from)),
        ("epoch", epoch.map(Value::from)),
        ("architecture", text(Field::Arch).map(Value::from)),
        ("license", text(Field::License).map(Value::from)),
        ("vendor_name", makers.iter().find_map(|field| text(*field)).map(Value::from)),
        ("purl", purl::of(entry, os).map(Value::from)),
    ] {
        if let Some(value) = value {
            package.insert(key.to_owned(), value);
        }
    }
    Value::Object(package)
}
