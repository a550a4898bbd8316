//! The types of a component's imports and exports, as WIT text.
//!
//! A type that an interface exports is shown by its name where it is used, and in full where it is defined. Types can
//! be nested so that their full text grows without bound; it is cut while it is made.

use std::collections::HashMap;

use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentInstanceTypeId, ComponentItem, ComponentValType, ResourceId,
};
use wasmparser::types::TypesRef;

use super::scan::Scan;
use super::{Import, Item, ItemKind, Listing, MEMBERS_MAX, SIGNATURE_CHARS_MAX, shown};

/// How deep types and interfaces are followed; beyond, an ellipsis.
const DEPTH_MAX: u32 = 32;

/// Exports and imports of the outermost component.
pub(super) fn items(scan: &Scan<'_>, types: TypesRef<'_>) -> (Listing<Item>, Listing<Import>) {
    let export = |name: &&str| Some((shown(name), types.component_item_for_export(name)?));
    let import = |name: &&str| Some((shown(name), types.component_item_for_import(name)?));
    let exported: Vec<_> = scan.component_exports.iter().filter_map(export).collect();
    let imported: Vec<_> = scan.component_imports.iter().filter_map(import).collect();

    let mut wit = Wit {
        types,
        defined: HashMap::new(),
        resources: HashMap::new(),
        members_left: MEMBERS_MAX,
    };
    for (name, item) in imported.iter().chain(&exported) {
        wit.learn(name, item, 0);
    }
    let (mut exports, mut imports) = (Listing::default(), Listing::default());
    for (name, item) in exported {
        exports.push_with(|| wit.item(name, item, 0));
    }
    for (name, item) in imported {
        imports.push_with(|| Import {
            module: String::new(),
            item: wit.item(name, item, 0),
        });
    }
    (exports, imports)
}

struct Wit<'a> {
    types: TypesRef<'a>,
    /// Names under which types are exported.
    defined: HashMap<ComponentDefinedTypeId, String>,
    resources: HashMap<ResourceId, String>,
    /// How many members of interfaces may still be listed.
    members_left: usize,
}

impl<'a> Wit<'a> {
    /// Takes down the names of types, at most as many as members are listed.
    fn learn(&mut self, name: &str, item: &'a ComponentItem, depth: u32) {
        if self.defined.len() + self.resources.len() >= MEMBERS_MAX || depth >= DEPTH_MAX {
            return;
        }
        match item.ty {
            ComponentEntityType::Type {
                referenced,
                created,
            } => {
                for id in [created, referenced] {
                    match id {
                        ComponentAnyTypeId::Defined(id) => {
                            self.defined.entry(id).or_insert_with(|| name.to_owned());
                        }
                        ComponentAnyTypeId::Resource(id) => {
                            self.resources
                                .entry(id.resource())
                                .or_insert_with(|| name.to_owned());
                        }
                        _ => {}
                    }
                }
            }
            ComponentEntityType::Instance(id) => {
                for (name, item) in self.members(id).take(MEMBERS_MAX) {
                    self.learn(&shown(name), item, depth + 1);
                }
            }
            _ => {}
        }
    }

    fn members(
        &self,
        id: ComponentInstanceTypeId,
    ) -> impl Iterator<Item = (&'a String, &'a ComponentItem)> + use<'a> {
        self.types
            .get(id)
            .into_iter()
            .flat_map(|instance| instance.exports.iter())
    }

    fn item(&mut self, name: String, item: &'a ComponentItem, depth: u32) -> Item {
        let mut text = Text::default();
        let mut members = Listing::default();
        let kind = match item.ty {
            ComponentEntityType::Func(id) => {
                self.function(&mut text, id);
                ItemKind::Function
            }
            ComponentEntityType::Type { created, .. } => {
                self.definition(&mut text, created);
                ItemKind::Type
            }
            ComponentEntityType::Value(ty) => {
                self.value(&mut text, ty, 0);
                ItemKind::Value
            }
            ComponentEntityType::Instance(id) => {
                members = self.listed(id, depth);
                ItemKind::Interface
            }
            ComponentEntityType::Module(_) => ItemKind::Module,
            ComponentEntityType::Component(_) => ItemKind::Component,
        };
        Item {
            name,
            kind,
            signature: text.finish(),
            members,
        }
    }

    fn listed(&mut self, id: ComponentInstanceTypeId, depth: u32) -> Listing<Item> {
        let mut members = Listing::default();
        for (name, item) in self.members(id) {
            if self.members_left == 0 || depth >= DEPTH_MAX {
                members.more += 1;
                continue;
            }
            members.push_with(|| {
                self.members_left -= 1;
                self.item(shown(name), item, depth + 1)
            });
        }
        members
    }

    fn function(&self, text: &mut Text, id: ComponentFuncTypeId) {
        let Some(ty) = self.types.get(id) else { return };
        text.push(if ty.async_ { "async func(" } else { "func(" });
        self.fields(
            text,
            ty.params
                .iter()
                .map(|(name, ty)| (name.as_str(), Some(*ty))),
            ": ",
            "",
            0,
        );
        text.push(")");
        if let Some(result) = ty.result {
            text.push(" -> ");
            self.value(text, result, 0);
        }
    }

    fn definition(&self, text: &mut Text, id: ComponentAnyTypeId) {
        match id {
            ComponentAnyTypeId::Defined(id) => self.defined(text, id, 0),
            ComponentAnyTypeId::Resource(_) => text.push("resource"),
            ComponentAnyTypeId::Func(id) => self.function(text, id),
            ComponentAnyTypeId::Instance(_) => text.push("interface"),
            ComponentAnyTypeId::Component(_) => text.push("component"),
        }
    }

    fn value(&self, text: &mut Text, ty: ComponentValType, depth: u32) {
        match ty {
            ComponentValType::Primitive(ty) => text.push(&ty.to_string()),
            ComponentValType::Type(id) => match self.defined.get(&id) {
                Some(name) => text.push(name),
                None => self.defined(text, id, depth),
            },
        }
    }

    fn defined(&self, text: &mut Text, id: ComponentDefinedTypeId, depth: u32) {
        use ComponentDefinedType as Ty;
        if text.full || depth >= DEPTH_MAX {
            return text.cut();
        }
        let Some(ty) = self.types.get(id) else { return };
        match ty {
            Ty::Primitive(ty) => text.push(&ty.to_string()),
            Ty::Record(ty) => {
                text.push("record { ");
                self.fields(
                    text,
                    ty.fields
                        .iter()
                        .map(|(name, ty)| (name.as_str(), Some(*ty))),
                    ": ",
                    "",
                    depth,
                );
                text.push(" }");
            }
            Ty::Variant(ty) => {
                text.push("variant { ");
                self.fields(
                    text,
                    ty.cases.iter().map(|(name, case)| (name.as_str(), case.ty)),
                    "(",
                    ")",
                    depth,
                );
                text.push(" }");
            }
            Ty::Flags(names) => {
                self.names(text, "flags { ", names.iter().map(|name| name.as_str()))
            }
            Ty::Enum(names) => self.names(text, "enum { ", names.iter().map(|name| name.as_str())),
            Ty::List { element, .. } => self.generic(text, "list", &[Some(*element)], depth),
            Ty::FixedLengthList {
                element, length, ..
            } => {
                text.push("list<");
                self.value(text, *element, depth + 1);
                text.push(&format!(", {length}>"));
            }
            Ty::Map { key, value, .. } => {
                self.generic(text, "map", &[Some(*key), Some(*value)], depth)
            }
            Ty::Tuple(ty) => {
                let types: Vec<_> = ty.types.iter().copied().map(Some).collect();
                self.generic(text, "tuple", &types, depth);
            }
            Ty::Option { ty, .. } => self.generic(text, "option", &[Some(*ty)], depth),
            Ty::Result { ok, err, .. } => self.generic(text, "result", &[*ok, *err], depth),
            Ty::Future { ty, .. } => self.generic(text, "future", &[*ty], depth),
            Ty::Stream { ty, .. } => self.generic(text, "stream", &[*ty], depth),
            Ty::Own(id) => text.push(self.resource(id.resource())),
            Ty::Borrow(id) => {
                text.push("borrow<");
                text.push(self.resource(id.resource()));
                text.push(">");
            }
        }
    }

    fn resource(&self, id: ResourceId) -> &str {
        self.resources.get(&id).map_or("resource", String::as_str)
    }

    fn fields<'n>(
        &self,
        text: &mut Text,
        fields: impl Iterator<Item = (&'n str, Option<ComponentValType>)>,
        open: &str,
        close: &str,
        depth: u32,
    ) {
        for (index, (name, ty)) in fields.enumerate() {
            if text.full {
                return;
            }
            text.push(if index == 0 { "" } else { ", " });
            text.push(&shown(name));
            if let Some(ty) = ty {
                text.push(open);
                self.value(text, ty, depth + 1);
                text.push(close);
            }
        }
    }

    fn names<'n>(&self, text: &mut Text, open: &str, names: impl Iterator<Item = &'n str>) {
        text.push(open);
        self.fields(text, names.map(|name| (name, None)), "", "", 0);
        text.push(" }");
    }

    /// `name<a, b>`: trailing parameters that are missing are left out, others are `_`.
    fn generic(
        &self,
        text: &mut Text,
        name: &str,
        parameters: &[Option<ComponentValType>],
        depth: u32,
    ) {
        text.push(name);
        let given = parameters
            .iter()
            .rposition(Option::is_some)
            .map_or(0, |last| last + 1);
        for (index, parameter) in parameters.iter().take(given).enumerate() {
            if text.full {
                return;
            }
            text.push(if index == 0 { "<" } else { ", " });
            match parameter {
                Some(ty) => self.value(text, *ty, depth + 1),
                None => text.push("_"),
            }
        }
        text.push(if given > 0 { ">" } else { "" });
    }
}

/// A signature that stops growing at its bound.
#[derive(Default)]
struct Text {
    text: String,
    chars: usize,
    full: bool,
}

impl Text {
    fn push(&mut self, piece: &str) {
        let chars = piece.chars().count();
        if self.full {
        } else if self.chars + chars < SIGNATURE_CHARS_MAX {
            self.text.push_str(piece);
            self.chars += chars;
        } else {
            self.cut();
        }
    }

    /// Ends the text with an ellipsis.
    fn cut(&mut self) {
        if !self.full {
            self.text.push('…');
        }
        self.full = true;
    }

    fn finish(self) -> String {
        self.text
    }
}
