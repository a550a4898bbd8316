//! What documents have beside their pages, made one: outlines, forms, layers, names of places.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object, ObjectId, StringFormat};

use super::get;

/// Outline entries at the top that are followed, at most.
const SIBLINGS_MAX: usize = 20_000;

/// What has been gathered of all documents so far.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// Entries at the top of all outlines.
    outline: Vec<ObjectId>,
    fields: Vec<Object>,
    field_names: Vec<Vec<u8>>,
    form: Option<Dictionary>,
    layers: Vec<Object>,
    hidden_layers: Vec<Object>,
    places: BTreeMap<Vec<u8>, Object>,
}

impl Catalog {
    /// Takes what a document has; its objects have their final numbers.
    pub(super) fn add(&mut self, document: &mut Document, places: &BTreeMap<Vec<u8>, Object>) {
        for (name, place) in places {
            self.places
                .entry(name.clone())
                .or_insert_with(|| place.clone());
        }
        self.add_outline(document);
        self.add_form(document);
        self.add_layers(document);
    }

    fn add_outline(&mut self, document: &Document) {
        let first = document
            .catalog()
            .ok()
            .and_then(|catalog| get(document, catalog, b"Outlines"))
            .and_then(|outlines| outlines.as_dict().ok())
            .and_then(|outlines| outlines.get(b"First").and_then(Object::as_reference).ok());
        let mut at = first;
        let mut seen = 0;
        while let Some(id) = at {
            if self.outline.contains(&id)
                || seen > SIBLINGS_MAX
                || document.get_dictionary(id).is_err()
            {
                break;
            }
            self.outline.push(id);
            seen += 1;
            at = document
                .get_dictionary(id)
                .ok()
                .and_then(|entry| entry.get(b"Next").and_then(Object::as_reference).ok());
        }
    }

    fn add_form(&mut self, document: &mut Document) {
        let form = document
            .catalog()
            .ok()
            .and_then(|catalog| get(document, catalog, b"AcroForm"))
            .and_then(|form| form.as_dict().ok())
            .cloned();
        let Some(mut form) = form else { return };
        let fields = get(document, &form, b"Fields")
            .and_then(|fields| fields.as_array().ok())
            .cloned();
        for field in fields.unwrap_or_default() {
            let Ok(id) = field.as_reference() else {
                continue;
            };
            if let Ok(dictionary) = document.get_dictionary_mut(id)
                && let Ok(Object::String(name, format)) = dictionary.get(b"T").cloned()
            {
                let own = self.free_name(name.clone());
                if own != name {
                    dictionary.set("T", Object::String(own.clone(), format));
                }
                self.field_names.push(own);
            }
            self.fields.push(field);
        }
        for key in [&b"Fields"[..], b"XFA", b"CO", b"SigFlags"] {
            form.remove(key);
        }
        self.form.get_or_insert(form);
    }

    /// A name that no field has yet: fields of one name would have one value.
    fn free_name(&self, name: Vec<u8>) -> Vec<u8> {
        let mut own = name.clone();
        let mut n = 2;
        while self.field_names.contains(&own) {
            own = name.clone();
            // In UTF-16 digits have two bytes.
            let is_wide = name.starts_with(&[0xfe, 0xff]);
            for digit in format!("_{n}").bytes() {
                if is_wide {
                    own.push(0);
                }
                own.push(digit);
            }
            n += 1;
        }
        own
    }

    fn add_layers(&mut self, document: &Document) {
        let layers = document
            .catalog()
            .ok()
            .and_then(|catalog| get(document, catalog, b"OCProperties"))
            .and_then(|layers| layers.as_dict().ok());
        let Some(layers) = layers else { return };
        if let Some(Object::Array(all)) = get(document, layers, b"OCGs") {
            self.layers.extend(all.iter().cloned());
        }
        let hidden = get(document, layers, b"D")
            .and_then(|shown| shown.as_dict().ok())
            .and_then(|shown| get(document, shown, b"OFF"));
        if let Some(Object::Array(hidden)) = hidden {
            self.hidden_layers.extend(hidden.iter().cloned());
        }
    }

    /// Writes everything into the document that all have become.
    pub(super) fn finish(mut self, document: &mut Document, pages: ObjectId) -> ObjectId {
        let mut catalog = Dictionary::new();
        catalog.set("Type", Object::Name(b"Catalog".to_vec()));
        catalog.set("Pages", Object::Reference(pages));
        if !self.outline.is_empty() {
            let outline = self.outline(document);
            catalog.set("Outlines", Object::Reference(outline));
        }
        if !self.fields.is_empty() {
            let mut form = self.form.take().unwrap_or_default();
            form.set("Fields", Object::Array(std::mem::take(&mut self.fields)));
            let id = document.add_object(form);
            catalog.set("AcroForm", Object::Reference(id));
        }
        if !self.layers.is_empty() {
            let mut shown = Dictionary::new();
            shown.set(
                "OFF",
                Object::Array(std::mem::take(&mut self.hidden_layers)),
            );
            let mut layers = Dictionary::new();
            layers.set("OCGs", Object::Array(std::mem::take(&mut self.layers)));
            layers.set("D", Object::Dictionary(shown));
            catalog.set("OCProperties", Object::Dictionary(layers));
        }
        if !self.places.is_empty() {
            let names: Vec<Object> = std::mem::take(&mut self.places)
                .into_iter()
                .flat_map(|(name, place)| [Object::String(name, StringFormat::Literal), place])
                .collect();
            let mut tree = Dictionary::new();
            tree.set("Names", Object::Array(names));
            let tree = document.add_object(tree);
            let mut names = Dictionary::new();
            names.set("Dests", Object::Reference(tree));
            catalog.set("Names", Object::Dictionary(names));
        }
        document.add_object(catalog)
    }

    /// One outline, with the entries of all below it.
    fn outline(&self, document: &mut Document) -> ObjectId {
        let mut root = Dictionary::new();
        root.set("Type", Object::Name(b"Outlines".to_vec()));
        let first = self.outline.first().copied().unwrap_or_default();
        let last = self.outline.last().copied().unwrap_or_default();
        root.set("First", Object::Reference(first));
        root.set("Last", Object::Reference(last));
        root.set(
            "Count",
            Object::Integer(i64::try_from(self.outline.len()).unwrap_or(i64::MAX)),
        );
        let root = document.add_object(root);
        for (at, id) in self.outline.iter().enumerate() {
            let before = at
                .checked_sub(1)
                .and_then(|at| self.outline.get(at))
                .copied();
            let after = self.outline.get(at + 1).copied();
            let Ok(entry) = document.get_dictionary_mut(*id) else {
                continue;
            };
            entry.set("Parent", Object::Reference(root));
            for (key, near) in [("Prev", before), ("Next", after)] {
                match near {
                    Some(near) => entry.set(key, Object::Reference(near)),
                    None => {
                        entry.remove(key.as_bytes());
                    }
                }
            }
            // Folded, so that the number above holds.
            if let Ok(Object::Integer(count)) = entry.get(b"Count").cloned() {
                entry.set("Count", Object::Integer(-count.saturating_abs()));
            }
        }
        root
    }
}
