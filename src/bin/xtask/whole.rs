//! The whole page in one file, which opens by a double click where there is no host and no network.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use base64::Engine;

use crate::program::NAME;

/// Its name in `dist/`.
pub const FILE: &str = "receptive.html";

/// What this page may load: only what it holds.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; \
    img-src blob: data:; font-src data:; base-uri 'none'; form-action 'none'";

/// Writes it from the files of the page.
pub fn write(page: &Path) -> Result<()> {
    let read = |name: &str| {
        fs::read_to_string(page.join(name)).with_context(|| format!("{name} of the page can't be read"))
    };
    let icon = base64::engine::general_purpose::STANDARD.encode(read("icons/icon.svg")?);
    let icon = format!("data:image/svg+xml;base64,{icon}");
    let mut styles = String::new();
    for name in ["tokens", "base", "shell", "math", "classroom"] {
        styles += &read(&format!("style/{name}.css"))?.replace("../icons/icon.svg", &icon);
    }
    let mut scripts = String::from("<script>self.receptive_whole=true</script>\n");
    for name in ["load.js".into(), format!("{NAME}.js"), format!("{NAME}_wasm.js"), "boot.js".into()] {
        // Nothing in a script may end it.
        scripts += &format!("<script>{}</script>\n", read(&name)?.replace("</script", "<\\/script"));
    }
    fs::write(page.join(FILE), folded(&read("index.html")?, &icon, &styles, &scripts)?)?;
    Ok(())
}

/// The page's frame with what it refers to inside it.
fn folded(frame: &str, icon: &str, styles: &str, scripts: &str) -> Result<String> {
    let mut out = String::new();
    for line in frame.lines() {
        let place = line.trim_start();
        if place.starts_with("<meta http-equiv=\"Content-Security-Policy\"") {
            out += &format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
        } else if place.starts_with("</head>") {
            out += &format!("<style>{styles}</style>\n{line}");
        } else if place.starts_with("</body>") {
            out += &format!("{scripts}{line}");
        } else if ["<link rel=\"stylesheet\"", "<link rel=\"manifest\"", "<script defer"]
            .iter()
            .all(|gone| !place.starts_with(gone))
        {
            out += &line.replace("icons/icon.svg", icon);
        }
        out.push('\n');
    }
    let holds = |what: &str| out.matches(what).count();
    ensure!(
        holds("<style>") == 1 && holds("<script src") == 0 && holds("Content-Security-Policy") == 1,
        "index.html has changed: the page in one file can't be made of it"
    );
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn the_frame_holds_everything_and_asks_for_nothing() {
        let frame = "<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"x\">\n<link rel=\"stylesheet\" href=\"a.css\">\n\
            <link rel=\"icon\" href=\"icons/icon.svg\">\n<script defer src=\"b.js\"></script>\n</head>\n<body>\n</body>\n";
        let out = folded(frame, "data:icon", "p{}", "<script>1</script>\n").unwrap();
        assert!(
            out.contains("<style>p{}</style>\n</head>") && out.contains("<script>1</script>\n</body>"),
            "{out}"
        );
        assert!(
            !out.contains("a.css") && !out.contains("b.js") && out.contains("href=\"data:icon\""),
            "{out}"
        );
        assert!(folded("<head>\n</head>", "", "", "").is_err());
    }
}
