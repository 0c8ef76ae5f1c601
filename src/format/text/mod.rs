//! Line-based and marked-up text: settings, units, tasks, desktop entries, property lists.

pub mod background_items;
pub mod carved_paths;
pub mod crontab;
pub mod desktop_entry;
pub mod fstab;
pub mod ini;
pub mod init_script;
pub mod job_file;
pub mod kernel_lists;
pub mod keyed_archive;
pub mod mcp_settings;
pub mod plist;
pub mod polkit_policy;
pub mod relaxed_json;
pub mod scheduled_task;
pub mod shell_assignments;
pub mod shell_variables;
pub mod systemd_unit;
pub mod task_actions;
pub mod wine_registry;
pub mod xml;
pub mod yaml;
