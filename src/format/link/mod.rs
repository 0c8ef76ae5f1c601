//! Links to files in formats of their own: shell links of Windows, bookmarks of macOS.

pub mod bookmark;
pub mod shell_link;
