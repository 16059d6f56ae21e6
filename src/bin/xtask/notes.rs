//! The teachers' notes of the labs, as pages: `notes/<lab>.<language>.html`, made of the README files beside the labs.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use pulldown_cmark::{CowStr, Event, Parser, html};

/// The notes' languages: ending of the file, what the page says it is, and where its link leads back to.
const LANGUAGES: [(&str, &str, &str, &str); 2] =
    [("en", "en", "README.md", "Open the lab"), ("zh", "zh-Hans", "README.zh.md", "打开实验")];

/// Writes all of them.
pub fn write(root: &Path, page: &Path) -> Result<()> {
    let labs = root.join("src/labs");
    fs::create_dir_all(page.join("notes"))?;
    for entry in fs::read_dir(&labs)? {
        let folder = entry?.path();
        let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { continue };
        if !folder.join("README.md").is_file() {
            continue;
        }
        let slug = name.replace('_', "-");
        for (ending, lang, file, back) in LANGUAGES {
            let path = folder.join(file);
            let text = fs::read_to_string(&path)
                .with_context(|| format!("{}: the lab's note for teachers is missing", path.display()))?;
            let made = framed(&text, lang, &slug, back);
            fs::write(page.join(format!("notes/{slug}.{ending}.html")), made)?;
        }
    }
    Ok(())
}

/// A note as a page of its own.
fn framed(text: &str, lang: &str, slug: &str, back: &str) -> String {
    let title = text.lines().next().unwrap_or_default().trim_start_matches(['#', ' ']);
    let mut body = String::new();
    html::push_html(&mut body, Parser::new(text).map(linked));
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; base-uri 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} · Receptive</title>\n\
         <link rel=\"stylesheet\" href=\"../style/tokens.css\">\n<link rel=\"stylesheet\" href=\"../style/base.css\">\n\
         <link rel=\"stylesheet\" href=\"../style/notes.css\">\n<main>\n{body}<p><a href=\"../#/{slug}\">{back}</a></p>\n</main>\n"
    )
}

/// The labs' links stand in the text as code; on the page they lead there.
fn linked(event: Event) -> Event {
    match event {
        Event::Code(code) if code.starts_with("#/") => {
            let escaped = code.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            Event::InlineHtml(CowStr::from(format!("<a href=\"../{escaped}\"><code>{escaped}</code></a>")))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::framed;

    #[test]
    fn a_note_becomes_a_page_whose_links_lead_to_the_lab() {
        let page = framed("# Pooling\n\nTry `#/pooling?a=1&b=2` and `x`.\n", "en", "pooling", "Open");
        assert!(page.contains("<title>Pooling · Receptive</title>"), "{page}");
        assert!(
            page.contains("<a href=\"../#/pooling?a=1&amp;b=2\"><code>#/pooling?a=1&amp;b=2</code></a>"),
            "{page}"
        );
        assert!(
            page.contains("<code>x</code>") && page.contains("<a href=\"../#/pooling\">Open</a>"),
            "{page}"
        );
    }
}
