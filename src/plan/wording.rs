//! What steps are called, and what they change.

use super::Action;

/// What a step for a driver in lists of filters is called.
pub(super) fn filter_title(driver: &str) -> String {
    format!("Take the driver {driver} out of the lists of filters, where it is in one")
}

/// What a step does.
pub(super) fn title(action: &Action, name: &str) -> String {
    match action {
        Action::Deb { name: package, version, .. }
        | Action::Apk { name: package, version }
        | Action::Pacman { name: package, version }
        | Action::Snap { name: package, version } => {
            format!("Remove the package {package} {version} of {name}")
        }
        Action::Rpm { name: package, version, release, .. } => {
            format!("Remove the package {package} {version}-{release} of {name}")
        }
        Action::Flatpak { name: id } => format!("Uninstall the Flatpak {id} of {name}"),
        Action::Unit { name: unit, user: true, path, .. } => {
            format!("Delete the user's unit {unit} of {name} ({path})")
        }
        Action::Unit { name: unit, .. } => format!("Disable and delete the unit {unit} of {name}"),
        Action::Folder { path } => format!("Delete the folder {path} of {name}"),
        Action::File { path, .. } => format!("Delete the file {path} of {name}"),
        Action::Msi { name: program, version, .. } => {
            format!("Remove {program} {version} by Windows Installer")
        }
        Action::Uninstaller { name: program, .. } => format!("Run the uninstaller of {program}"),
        Action::UninstallByHand { name: program, user: Some(user), .. } => {
            format!("Uninstall {program} as the user {user}")
        }
        Action::UninstallByHand { name: program, .. } => {
            format!("Run the uninstaller of {program}, which asks questions")
        }
        Action::WindowsService { name: service, driver, .. } => {
            let kind = if *driver { "driver" } else { "service" };
            format!("Stop and delete the {kind} {service} of {name}, if it was left")
        }
        Action::DriverFilter { name: driver } => filter_title(driver),
        Action::NetworkComponent { component, .. } => {
            format!("Unbind the network component {component} of {name}")
        }
        Action::Keep { .. } | Action::Confirm { .. } | Action::Manual { .. } => name.to_owned(),
    }
}

/// What a step changes on the host.
pub(super) fn changes(action: &Action) -> String {
    match action {
        Action::Deb { .. } => "the package's files, configuration, and its entry in the database of dpkg",
        Action::Rpm { .. } => "the package's files, and its entry in the database of rpm",
        Action::Apk { .. } => "the package's files, and its entry in the database of apk",
        Action::Pacman { .. } => {
            "the package's files and configuration, and its entry in the database of pacman"
        }
        Action::Snap { .. } => "the snap; its data stays in a snapshot that snapd makes",
        Action::Flatpak { .. } => "the application; what users stored stays",
        Action::Unit { .. } => "the unit's links and its file",
        Action::Keep { .. } => "nothing: a copy goes to a dated folder that only administrators can read",
        Action::Folder { path } if path.contains("/opt/") => {
            "the folder with everything below it, once its data is kept; also the vendor's folder around it, once that \
             is empty"
        }
        Action::Folder { .. } => "the folder with everything below it, once its data is kept",
        Action::File { .. } => "this file",
        Action::Msi { .. } => "what the product's installer installed",
        Action::Uninstaller { .. } | Action::UninstallByHand { .. } => {
            "what the program's own uninstaller removes"
        }
        Action::DriverFilter { .. } => "the values UpperFilters and LowerFilters that name it; the old ones are saved",
        Action::NetworkComponent { .. } => "the component's bindings to network adapters, and its entry in the registry",
        Action::WindowsService { driver: true, .. } => "the driver's entry in the registry",
        Action::WindowsService { .. } => "the service's entry in the registry",
        Action::Confirm { .. } => "nothing: a person must settle it first",
        Action::Manual { .. } => "nothing by itself: a person decides",
    }
    .to_owned()
}
