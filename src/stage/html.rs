//! What is only read, as HTML text: the insight column and the tables of numbers. A page of many small parts that
//! nobody presses is cheaper as one text, and can be looked at without a browser.

use super::insight::Insight;
use super::math::Math;
use super::scene::table::Table;
use super::text::escape;
use super::theme::Theme;

/// An element with a text in it; `head` is its name with attributes.
fn put(out: &mut String, head: &str, text: &str) {
    let name = head.split(' ').next().unwrap_or_default();
    for piece in ["<", head, ">", &escape(text), "</", name, ">"] {
        out.push_str(piece);
    }
}

/// Answer, formulas, notes and facts. `time` is a line for the first list of facts: its label and its value.
pub fn insight(said: &Insight, theme: Theme, time: (&str, &str)) -> String {
    let mut out = String::new();
    put(&mut out, "p class=\"answer\"", &said.answer);
    for (title, lines) in &said.formulas {
        put(&mut out, "h2", title);
        out += &format!(
            "<div class=\"formula\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">",
            escape(title)
        );
        lines.iter().for_each(|line| formula(&mut out, line, theme));
        out += "</div>";
    }
    for note in &said.notes {
        put(&mut out, if note.warns { "p class=\"note warns\"" } else { "p class=\"note\"" }, &note.text);
    }
    for (at, (title, facts)) in said.tables.iter().enumerate() {
        put(&mut out, "h2", title);
        out += "<dl class=\"kv\">";
        let facts = facts.iter().map(|f| (f.name, f.label.as_str(), f.detail.as_str(), f.value.as_str()));
        let time = (at == 0).then_some(("millis", time.0, "", time.1));
        for (name, label, detail, value) in facts.chain(time) {
            let (label, detail, value) = (escape(label), escape(detail), escape(value));
            out +=
                &format!("<div data-fact=\"{name}\"><dt>{label} <i>{detail}</i></dt><dd>{value}</dd></div>");
        }
        out += "</dl>";
    }
    out
}

fn formula(out: &mut String, math: &Math, theme: Theme) {
    if let Math::Text(words) = math {
        return put(out, "p class=\"where\"", words);
    }
    let inner = math.mathml(&|i, n| theme.tap(i, n).css(), &theme.palette().accent.css());
    *out += &format!("<div class=\"line\"><math display=\"block\">{inner}</math></div>");
}

/// Numbers as tables, rows and columns named by their index.
pub fn tables(tables: &[Table]) -> String {
    let mut out = String::new();
    for table in tables {
        out += "<table>";
        // The first image needs no number; another channel says which it is.
        let lead =
            if table.lead.iter().any(|n| *n > 0) { format!("{:?}", table.lead) } else { String::new() };
        put(&mut out, "caption", &format!("{}{lead}", table.name));
        out += "<thead><tr><td></td>";
        table.cols.iter().for_each(|c| put(&mut out, "th scope=\"col\"", &c.to_string()));
        out += "</tr></thead><tbody>";
        for (r, cells) in table.rows.iter().zip(&table.cells) {
            out += "<tr>";
            put(&mut out, "th scope=\"row\"", &r.to_string());
            cells.iter().for_each(|cell| put(&mut out, "td", cell));
            out += "</tr>";
        }
        out += "</tbody></table>";
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::insight::{Fact, Note};

    #[test]
    fn what_is_said_is_never_markup() {
        let text = || "<b class=\"x\">&".to_string();
        let said = Insight {
            answer: text(),
            formulas: vec![(text(), vec![Math::Text(text())])],
            notes: vec![Note { warns: true, text: text() }],
            tables: vec![(text(), vec![Fact { name: "n", label: text(), detail: text(), value: text() }])],
            ..Insight::default()
        };
        let html = insight(&said, Theme::Light, ("t", "1 ms"));
        assert!(!html.contains("<b"), "{html}");
        assert_eq!(html.matches("&lt;b class=&quot;x&quot;&gt;&amp;").count(), 9, "{html}");
        assert!(html.contains("<div data-fact=\"millis\"><dt>t <i></i></dt><dd>1 ms</dd></div>"));
    }

    #[test]
    fn a_table_names_its_rows_and_columns() {
        let table = Table {
            name: "input",
            lead: vec![0, 3],
            rows: vec![2],
            cols: vec![0, 5],
            cells: vec![vec!["1".into(), "2".into()]],
        };
        let row = "<tbody><tr><th scope=\"row\">2</th><td>1</td><td>2</td></tr></tbody>";
        let html = tables(&[table]);
        assert!(html.contains(row) && html.contains("<caption>input[0, 3]</caption>"), "{html}");
    }
}
