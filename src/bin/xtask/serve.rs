//! `cargo xtask serve`: the page on this machine, rebuilt when a source changes.

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tiny_http::{Header, Method, Request, Response, Server};

use crate::build::{self, Kind};
use crate::paths::Paths;
use crate::{sizes, watch};

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
    let address = start(&paths.dist(), port)?;
    println!("\nReceptive is at {address}  (stop with Ctrl-C)");
    watch::rebuild_on_change(&paths, debug, seen)
}

/// Serves a folder in the background, on `port` or the next free one (0: any), and gives its address.
pub fn start(folder: &Path, port: u16) -> Result<String> {
    let listener = listen(port)?;
    let address = format!("http://{}/", listener.local_addr()?);
    let server = Server::from_listener(listener, None)
        .map_err(|error| anyhow::anyhow!("the server can't start: {error}"))?;
    let server = Arc::new(server);
    for _ in 0..4 {
        let (server, folder) = (Arc::clone(&server), folder.to_owned());
        std::thread::spawn(move || {
            while let Ok(request) = server.recv() {
                // A visitor who has gone is no reason to stop.
                let _ = answer(request, &folder);
            }
        });
    }
    Ok(address)
}

fn listen(port: u16) -> Result<TcpListener> {
    let last = if port == 0 { 0 } else { port.saturating_add(50) };
    for candidate in port..=last {
        match TcpListener::bind(("127.0.0.1", candidate)) {
            Ok(listener) => {
                if candidate != port {
                    println!("port {port} is taken, using {candidate}");
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => bail!("port {candidate} can't be used: {error}"),
        }
    }
    bail!("ports {port} to {last} are all taken: choose another with --port.")
}

fn answer(request: Request, folder: &Path) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::empty(405));
    }
    let Some((path, body)) = find(folder, request.url()) else {
        return request.respond(Response::from_string("There is no such file.\n").with_status_code(404));
    };
    let headers = [("Content-Type", mime(&path)), ("Cache-Control", "no-store")];
    let mut response = Response::from_data(body);
    for (name, value) in headers {
        if let Ok(header) = Header::from_bytes(name, value) {
            response.add_header(header);
        }
    }
    request.respond(response)
}

/// The file a request means, and its content; none when there is none or it lies outside `folder`.
fn find(folder: &Path, url: &str) -> Option<(PathBuf, Vec<u8>)> {
    let mut path = folder.join(relative(url)?);
    if path.is_dir() {
        path.push("index.html");
    }
    let body = fs::read(&path).ok()?;
    Some((path, body))
}

/// The path a URL names, without query, decoded; none when it tries to climb.
fn relative(url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let decoded = PathBuf::from(decode(path)?.trim_start_matches('/'));
    let plain = decoded.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    (plain && !decoded.to_string_lossy().contains(['\\', '\0'])).then_some(decoded)
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file_below_the_folder() {
        assert_eq!(relative("/"), Some(PathBuf::new()));
        assert_eq!(relative("/style/base.css?v=1"), Some(PathBuf::from("style/base.css")));
        assert_eq!(relative("//etc/passwd"), Some(PathBuf::from("etc/passwd")));
        assert_eq!(relative("/a%20b.txt"), Some(PathBuf::from("a b.txt")));
    }

    #[test]
    fn a_url_that_climbs_names_nothing() {
        for url in
            ["/../Cargo.toml", "/style/../../x", "/%2e%2e/x", "/..%2fx", "/..%5cx", "/a%00", "/%zz", "/%e"]
        {
            assert_eq!(relative(url), None, "{url}");
        }
    }

    #[test]
    fn a_taken_port_gives_the_next_one() {
        let first = listen(0).unwrap();
        let port = first.local_addr().unwrap().port();
        let second = listen(port).unwrap();
        assert!(second.local_addr().unwrap().port() > port);
    }

    #[test]
    fn wasm_has_its_own_type() {
        assert_eq!(mime(Path::new("receptive_bg.wasm")), "application/wasm");
    }
}
