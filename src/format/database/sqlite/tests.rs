use proptest::prelude::*;

use super::*;

const DATABASE: &[u8] = include_bytes!("../../../../tests/fixtures/sqlite/wal.sqlite");
const LOG: &[u8] = include_bytes!("../../../../tests/fixtures/sqlite/wal.sqlite-wal");
const UTF16: &[u8] = include_bytes!("../../../../tests/fixtures/sqlite/utf16.sqlite");

fn rows(file: &[u8], wal: Option<&[u8]>) -> (Vec<(i64, String, usize)>, Vec<Damage>) {
    let wal = wal.as_ref().map(|wal| wal as &dyn ReadAt);
    let database = match Database::open(&file, Beside { wal, journal: None }) {
        Ok(database) => database,
        Err(error) => return (Vec::new(), vec![error]),
    };
    let mut rows = Vec::new();
    let damage = database.rows("t", &mut |row| {
        let text = row.get("na me").and_then(Value::text).unwrap_or_default().to_owned();
        let length = match row.get("big") {
            Some(Value::Blob(bytes)) => bytes.len(),
            _ => 0,
        };
        rows.push((row.get("id").and_then(Value::integer).unwrap_or(0), text, length));
    });
    rows.sort();
    (rows, damage)
}

#[test]
fn rows_come_with_overflow_pages_and_row_ids() {
    let (rows, damage) = rows(DATABASE, None);
    assert_eq!(damage, []);
    let expected: Vec<_> = (1..=30).map(|i| (i, format!("name{i}"), i as usize * 37)).collect();
    assert_eq!(rows, expected);
}

#[test]
fn the_log_is_newer_than_the_file() {
    let (rows, damage) = rows(DATABASE, Some(LOG));
    assert_eq!(damage, []);
    assert_eq!(rows.first().unwrap().0, 2);
    assert_eq!(rows.last().unwrap(), &(100, "in the log".to_owned(), 2));
}

/// A journal of one segment whose records are pages of another file.
fn journal(pages: &[(u32, &[u8])], size: u32) -> Vec<u8> {
    let mut bytes = vec![0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
    let page_size = pages.first().map_or(0, |(_, page)| page.len() as u32);
    for field in [u32::MAX, 77, size, 512, page_size] {
        bytes.extend(field.to_be_bytes());
    }
    bytes.resize(512, 0);
    for (number, page) in pages {
        let sum = (1..).map(|step| page.len() as i64 - 200 * step).take_while(|at| *at > 0);
        let sum = sum.fold(77_u32, |sum, at| sum + u32::from(page[at as usize]));
        bytes.extend(number.to_be_bytes());
        bytes.extend(*page);
        bytes.extend(sum.to_be_bytes());
    }
    bytes
}

#[test]
fn a_hot_journal_brings_back_what_a_cut_transaction_removed() {
    let size = usize::from(u16::from_be_bytes([DATABASE[16], DATABASE[17]]));
    // Every page was overwritten; the journal has what they were.
    let pages: Vec<(u32, &[u8])> =
        DATABASE.chunks(size).zip(1..).map(|(page, number)| (number, page)).collect();
    let mut file = DATABASE.to_vec();
    file[size..].fill(0);
    let read = |journal: &[u8]| {
        let database = Database::open(&file, Beside { wal: None, journal: Some(&journal) }).unwrap();
        let mut count = 0;
        let damage = database.rows("t", &mut |_| count += 1);
        (count, damage.len())
    };
    let hot = journal(&pages, pages.len() as u32);
    assert_eq!(read(&hot), (30, 0));
    // Committed: the head was wiped.
    let mut wiped = hot.clone();
    wiped[..28].fill(0);
    assert!(read(&wiped).1 > 0);
    assert_eq!(read(b""), read(&wiped));
}

#[test]
fn a_flipped_bit_in_the_log_is_damage() {
    let mut log = LOG.to_vec();
    let middle = log.len() / 2;
    log[middle] ^= 4;
    let (_, damage) = rows(DATABASE, Some(&log));
    assert_eq!(damage[0].kind, DamageKind::Corrupt);
}

#[test]
fn a_cut_file_is_truncated_and_its_other_rows_are_read() {
    let (rows, damage) = rows(&DATABASE[..DATABASE.len() - 1024], None);
    assert!(rows.len() >= 10 && rows.len() < 30, "{}", rows.len());
    assert!(damage.iter().any(|damage| damage.kind == DamageKind::Truncated));
}

/// A bit of a cell pointer, of the count of cells, of a number of a page: a row that is not read any more is damage.
/// One number has nothing beside it to be held against: the page where a table begins, in the schema (bytes 363 and 373).
#[test]
fn no_flipped_bit_loses_a_row_in_silence() {
    let mut file = DATABASE.to_vec();
    let mut lost = Vec::new();
    // The head of each page with its pointers, of which it has at most 30 on pages of 512 bytes; all of the schema.
    let heads = (0..file.len()).filter(|at| *at < 512 || at % 512 < 12 + 2 * 30);
    for at in heads.collect::<Vec<_>>() {
        for bit in 0..8 {
            file[at] ^= 1 << bit;
            let (rows, damage) = rows(&file, None);
            if rows.len() != 30 && damage.is_empty() {
                lost.push(at);
            }
            file[at] ^= 1 << bit;
        }
    }
    lost.dedup();
    assert_eq!(lost, [363, 373]);
}

#[test]
fn text_in_utf16_is_text() {
    let database = Database::open(&UTF16, Beside::default()).unwrap();
    let mut texts = Vec::new();
    database.rows("T", &mut |row| texts.push(row.get("X").unwrap().text().unwrap().to_owned()));
    assert_eq!(texts, ["Касперский"]);
}

proptest! {
    #[test]
    fn flipped_bytes_do_not_panic(at in 0..DATABASE.len(), value in any::<u8>(), log_at in 0..LOG.len()) {
        let (mut database, mut log) = (DATABASE.to_vec(), LOG.to_vec());
        database[at] = value;
        log[log_at] = value;
        rows(&database, Some(&log));
    }

    #[test]
    fn any_bytes_behind_the_magic_number_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 84..1200)) {
        let mut file = MAGIC.to_vec();
        file.extend(bytes);
        file[16..18].copy_from_slice(&[2, 0]);
        rows(&file, None);
    }
}
