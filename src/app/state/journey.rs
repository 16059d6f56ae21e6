//! Going from lab to lab: by a link, by the address, by the page API. Of several journeys only the last arrives.

use super::{Moment, Page};
use crate::app::classroom::Wish;
use crate::app::{parts, rooms};
use crate::labs::SIGNS;
use crate::stage::link::{self, Setup, Shell};
use crate::stage::refusal::Refusal;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

impl Page {
    /// Opens a lab with pairs of a link applied to its defaults, or to the present state when `keep` is set.
    /// Nothing changes when something is refused.
    pub fn open(&self, lab: usize, pairs: &[(String, String)], keep: bool) -> Result<(), Refusal> {
        let Some(any) = rooms::get(lab) else {
            return Err(Refusal::UnknownLab(
                SIGNS.get(lab).map_or_else(String::new, |sign| sign.slug.into()),
            ));
        };
        let same = lab == self.lab.get_untracked();
        let start = if keep && same { self.setup.get_untracked() } else { Setup::defaults(any.controls()) };
        let data = self.data.get_untracked();
        let mut problems = Vec::new();
        let (setup, shell) = link::apply(any, &start, pairs, &data, &mut problems);
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        any.check(&setup.values, &data)?;
        if let Some((index, value)) = &setup.compare {
            any.check(&any.set(&setup.values, *index, value.clone(), &data), &data)?;
        }
        self.arrive(lab, setup, Some((shell, pairs)));
        if !keep {
            self.goes();
            self.away.set(false);
        }
        Ok(())
    }

    /// Follows the address: what can't be read is reported and left out. A lab that has not come is brought first.
    pub fn follow(self, hash: &str) {
        let mine = self.goes();
        let place = link::place(hash);
        self.away.set(place == Some("questions"));
        if place.is_some() {
            self.wish(Wish::Go(hash.into()));
            return;
        }
        let lab = rooms::of(hash);
        let lang = self.wanted_lang.get_untracked();
        if rooms::get(lab).is_none() {
            let hash = hash.to_string();
            spawn_local(async move {
                let came = parts::report(self, self.bring(lab, lang).await).is_some();
                // Who went elsewhere meanwhile wants to be there.
                if came && self.went.get_value() == mine {
                    self.follow(&hash);
                }
            });
            return;
        }
        let read = self.data.with_untracked(|data| rooms::read(hash, data));
        self.report(&read.problems);
        if read.lab == self.lab.get_untracked() && read.setup == self.setup.get_untracked() {
            self.shell.set(read.shell);
            return;
        }
        self.arrive(read.lab, read.setup, None);
        self.shell.set(read.shell);
    }

    /// Counts one who goes somewhere.
    fn goes(&self) -> u32 {
        self.went.update_value(|n| *n = n.wrapping_add(1));
        self.went.get_value()
    }

    fn arrive(&self, lab: usize, setup: Setup, shell: Option<(Shell, &[(String, String)])>) {
        let moved = lab != self.lab.get_untracked();
        if moved || setup != self.setup.get_untracked() {
            self.remember("");
            self.go(Moment { lab, setup, data: self.data.get_untracked() });
        }
        if let Some((new, pairs)) = shell {
            let names = |key: &str| pairs.iter().any(|(k, _)| k == key);
            self.shell.update(|old| {
                old.lang = if names("lang") { new.lang } else { old.lang };
                old.theme = if names("theme") { new.theme } else { old.theme };
                old.embed = if names("embed") { new.embed } else { old.embed };
                old.present = if names("present") { new.present } else { old.present };
                if names("hide") {
                    old.hide = new.hide;
                }
                if names("lock") {
                    old.lock = new.lock;
                }
            });
        }
    }
}
