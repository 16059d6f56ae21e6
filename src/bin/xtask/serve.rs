//! `cargo xtask serve`: the page on this machine, rebuilt when a source changes.

use anyhow::{Context, Result, bail};

use crate::build::{self, Kind};
use crate::paths::Paths;
use crate::{http, sizes, watch};

/// The command. Ends only when it is stopped.
pub fn run(args: &[String]) -> Result<()> {
    let (mut port, mut debug) = (8080_u16, false);
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--debug" => debug = true,
            "--port" => {
                let text = args.next().context("--port needs a number, such as 8080.")?;
                port = text.parse().with_context(|| format!("'{text}' is no port: take 1024 to 65535."))?;
            }
            other => bail!("serve knows --port and --debug, not '{other}'."),
        }
    }
    let paths = Paths::find()?;
    let seen = watch::state(&paths.root);
    build::page(&paths, if debug { Kind::Debug } else { Kind::Release })?;
    if !debug {
        sizes::print(&paths.dist())?;
    }
    let address = http::start(&paths.dist(), port, true)?;
    println!("\nReceptive is at {address}  (stop with Ctrl-C)");
    watch::rebuild_on_change(&paths, debug, seen)
}
