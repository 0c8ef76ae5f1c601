//! The debar binary: parse, run, print the error chain, exit code.

use std::process::ExitCode;

use debar::process::say;

fn main() -> ExitCode {
    debar::process::share_scarce_memory();
    // A panic in a collector becomes a gap in the report; nobody needs it on the terminal as well.
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(|| debar::command::run(std::env::args_os().collect()));
    let code = match result {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            say(&format!("error: {error}"));
            debar::report::exit::FATAL
        }
        Err(_) => {
            say(
                "error: debar failed by a fault of its own. Please report it with the command line and `debar --version`",
            );
            debar::report::exit::FATAL
        }
    };
    // Not by returning: a thread that hangs on a dead mount must not keep the process.
    std::process::exit(code.into())
}
