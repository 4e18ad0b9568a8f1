//! The changes `vc` makes: adding, switching, switching back, removing.
//!
//! In: [`Files`] and what is wanted. Out: the same [`Files`], changed in memory. Never: touches an
//! entry without our record; chooses a context that was not recorded.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::document::{self, Body, CURRENT_CONTEXT, Section};
use super::{Entry, Error, Files, Record};

/// The key of [`super::Record::previous`] as it is written.
const PREVIOUS: &str = "previous";

/// What [`Files::upsert`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    /// The context's name.
    pub context_name: String,
}

/// Where [`Files::switch_back`] and [`Files::remove`] led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SwitchedBack {
    /// To this context, which was current before ours.
    To(String),
    /// Nowhere: there was none, or it is gone. The current context is blank.
    Blank,
}

/// What [`Files::remove`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The contexts that were removed; none if there was nothing of ours.
    pub contexts: Vec<String>,
    /// Where it led, if the current context was among them.
    pub switched_back: Option<SwitchedBack>,
}

impl Files {
    /// Adds our three entries, or brings them up to date where they are defined.
    ///
    /// A cluster that was created again takes over the entries of its predecessor. The namespace that
    /// the user set on our context stays, and so does what else was added to it. A second call with
    /// the same entry changes nothing.
    ///
    /// # Errors
    /// The name asked for is taken by an entry that is not ours, or there is no file.
    pub fn upsert(&mut self, entry: &Entry) -> Result<Upserted, Error> {
        let context_name = self.choose_context_name(entry)?;
        let existing = self.own_name(Section::Contexts, entry);
        if let Some(old) = existing.filter(|old| *old != context_name) {
            self.rename_context(&old, &context_name, entry);
        }
        let cluster = self.put(Section::Clusters, entry, &context_name, |body| {
            body.retain(|key, _| key == "extensions");
            body.extend(entry.cluster());
        })?;
        let user = self.put(Section::Users, entry, &context_name, |body| {
            body.retain(|key, _| key == "extensions");
            body.extend(entry.user());
        })?;
        self.put(Section::Contexts, entry, &context_name, |body| {
            body.insert("cluster".to_owned(), cluster.clone().into());
            body.insert("user".to_owned(), user.clone().into());
        })?;
        Ok(Upserted { context_name })
    }

    /// Makes a context the current one and records, if it is ours, where to go back to.
    ///
    /// That is the context that was current before; where that one is ours, it is what *it* would go
    /// back to. So switching back always leads out of our contexts. Nothing changes when the context
    /// is the current one already.
    ///
    /// # Errors
    /// There is no such context.
    pub fn switch_to(&mut self, context: &str) -> Result<(), Error> {
        if !self.has_context(context) {
            return Err(Error::NoContext(context.to_owned()));
        }
        if self.current_context() == Some(context) {
            return Ok(());
        }
        let previous = self.way_out(self.current_context());
        self.revise_previous(|name, old| {
            let is_target = name == context;
            if is_target { previous.clone() } else { old }
        });
        self.set_current(context);
        Ok(())
    }

    /// Goes back from our current context to the one before it, or to none if that is gone.
    ///
    /// Nothing, and no change, if the current context is not ours.
    pub fn switch_back(&mut self) -> Option<SwitchedBack> {
        let current = self.current_context()?.to_owned();
        self.record(&current)?;
        let previous = self.way_out(Some(&current));
        Some(self.restore(previous))
    }

    /// Removes all entries of the virtual cluster with this UID.
    ///
    /// If one was current, its previous context is restored; if that is gone the current context is
    /// blank. Another is never picked.
    pub fn remove(&mut self, uid: &str) -> Removed {
        let mut contexts = Vec::new();
        let mut ways_out = HashMap::new();
        for (name, record) in self.records() {
            if record.uid == uid {
                ways_out.insert(name.clone(), self.way_out(Some(&name)));
                contexts.push(name);
            }
        }
        let current = self.current_context().map(str::to_owned);
        for file in &mut self.files {
            for section in Section::ALL {
                document::remove(&mut file.document, section, uid);
            }
        }
        self.revise_previous(|_, old| match old {
            Some(name) => ways_out.get(&name).cloned().unwrap_or(Some(name)),
            None => None,
        });
        let previous = current.and_then(|current| ways_out.remove(&current));
        Removed {
            contexts,
            switched_back: previous.map(|previous| self.restore(previous)),
        }
    }

    /// The name asked for, else the one our context has, else the shortest that is free.
    fn choose_context_name(&self, entry: &Entry) -> Result<String, Error> {
        if let Some(wish) = &entry.context_name {
            if wish.is_empty() {
                return Err(Error::EmptyName);
            }
            self.check_free(&Section::ALL, wish, entry)?;
            return Ok(wish.clone());
        }
        if let Some(name) = self.own_name(Section::Contexts, entry) {
            return Ok(name);
        }
        self.first_free(&Section::ALL, entry.names(), entry)
    }

    /// The first of these names that no entry of somebody else has.
    fn first_free(
        &self,
        sections: &[Section],
        names: impl IntoIterator<Item = String>,
        entry: &Entry,
    ) -> Result<String, Error> {
        let mut refusal = Error::EmptyName;
        for name in names {
            match self.check_free(sections, &name, entry) {
                Ok(()) => return Ok(name),
                Err(error) => refusal = error,
            }
        }
        Err(refusal)
    }

    /// An error if an entry that is not this cluster's has this name, in force or not.
    fn check_free(&self, sections: &[Section], name: &str, entry: &Entry) -> Result<(), Error> {
        for file in &self.files {
            for section in sections {
                for value in document::entries(&file.document, *section) {
                    if document::name(value) == Some(name) && !is_own(*section, value, entry) {
                        return Err(Error::Taken {
                            name: name.to_owned(),
                            kind: section.body(),
                            path: file.path.clone(),
                        });
                    }
                }
            }
        }
        Ok(())
    }

    /// The name of this cluster's entry in a section, if one is in force.
    fn own_name(&self, section: Section, entry: &Entry) -> Option<String> {
        let entries = self.in_force(section);
        let own = entries
            .iter()
            .find(|found| is_own(section, found.value, entry))?;
        Some(own.name.to_owned())
    }

    /// Brings every entry of this cluster in a section up to date, and adds one if none is in force.
    ///
    /// `fill` makes the body from the one before it. Returns the name of the entry in force.
    fn put(
        &mut self,
        section: Section,
        entry: &Entry,
        context_name: &str,
        fill: impl Fn(&mut Body),
    ) -> Result<String, Error> {
        let in_force = self.own_name(section, entry);
        for file in &mut self.files {
            for value in document::entries_mut(&mut file.document, section) {
                let own = document::record(section, value)
                    .filter(|record| record.is_same_cluster(&entry.record));
                if let Some(own) = own
                    && let Some(Value::Object(body)) = value.get_mut(section.body())
                {
                    fill(body);
                    write_record(body, entry, own.previous)?;
                }
            }
        }
        if let Some(name) = in_force {
            return Ok(name);
        }
        let names = std::iter::once(context_name.to_owned()).chain(entry.names());
        let name = self.first_free(&[section], names, entry)?;
        let mut body = Body::new();
        fill(&mut body);
        write_record(&mut body, entry, None)?;
        let home = self.home().ok_or(Error::NoFile)?;
        document::push(&mut home.document, section, &name, body);
        Ok(name)
    }

    /// Renames our context, and with it every mention of it that is ours to change.
    fn rename_context(&mut self, old: &str, new: &str, entry: &Entry) {
        self.revise_previous(|_, previous| match previous {
            Some(name) if name == old => Some(new.to_owned()),
            other => other,
        });
        for file in &mut self.files {
            if file.current_context() == Some(old) {
                let document = &mut file.document;
                document.insert(CURRENT_CONTEXT.to_owned(), new.into());
            }
            for value in document::entries_mut(&mut file.document, Section::Contexts) {
                if is_own(Section::Contexts, value, entry)
                    && document::name(value) == Some(old)
                    && let Value::Object(fields) = value
                {
                    fields.insert("name".to_owned(), new.into());
                }
            }
        }
    }

    /// Changes what our contexts go back to; `revise` gets a context's name and what is recorded.
    fn revise_previous(&mut self, revise: impl Fn(&str, Option<String>) -> Option<String>) {
        for file in &mut self.files {
            for value in document::entries_mut(&mut file.document, Section::Contexts) {
                let (Some(name), Some(record)) = (
                    document::name(value),
                    document::record(Section::Contexts, value),
                ) else {
                    continue;
                };
                let revised = revise(name, record.previous);
                if let Some(Value::Object(written)) = document::record_mut(Section::Contexts, value)
                {
                    match revised {
                        Some(previous) => written.insert(PREVIOUS.to_owned(), previous.into()),
                        None => written.shift_remove(PREVIOUS),
                    };
                }
            }
        }
    }

    /// The first context on the way back from this one that is not ours.
    fn way_out(&self, from: Option<&str>) -> Option<String> {
        let mut seen = HashSet::new();
        let mut next = from.map(str::to_owned);
        while let Some(name) = next {
            let Some(record) = self.record(&name) else {
                return Some(name);
            };
            if !seen.insert(name) {
                return None;
            }
            next = record.previous;
        }
        None
    }

    /// Makes this the current context if it is still defined, else none.
    fn restore(&mut self, previous: Option<String>) -> SwitchedBack {
        if let Some(name) = previous.filter(|name| self.has_context(name)) {
            self.set_current(&name);
            return SwitchedBack::To(name);
        }
        self.blank_current();
        SwitchedBack::Blank
    }

    /// As `kubectl config use-context`: in the first file that exists, and so before any other.
    fn set_current(&mut self, name: &str) {
        if let Some(home) = self.home() {
            let document = &mut home.document;
            document.insert(CURRENT_CONTEXT.to_owned(), name.into());
        }
    }

    /// Blanks it in every file: blanked in the first alone, that of the next would come to be in
    /// force, and the next `kubectl delete` would meet a cluster that nobody chose.
    fn blank_current(&mut self) {
        for file in &mut self.files {
            if file.current_context().is_some() {
                let document = &mut file.document;
                document.insert(CURRENT_CONTEXT.to_owned(), "".into());
            }
        }
    }
}

fn is_own(section: Section, value: &Value, entry: &Entry) -> bool {
    document::record(section, value).is_some_and(|record| record.is_same_cluster(&entry.record))
}

/// Writes the record that is wanted, but for what it goes back to.
fn write_record(body: &mut Body, entry: &Entry, previous: Option<String>) -> Result<(), Error> {
    let record = Record {
        previous,
        ..entry.record.clone()
    };
    document::write_record(body, &record).map_err(|source| Error::Record {
        name: record.name.clone(),
        source,
    })
}
