//! The types of a core module's imports and exports, as text.

use wasmparser::types::{CoreTypeId, EntityType, TypesRef};
use wasmparser::{CompositeInnerType, FuncType, ValType};

use super::{Import, Item, ItemKind, Listing, SIGNATURE_CHARS_MAX, shown};
use crate::text;

pub(super) fn exports(types: TypesRef<'_>) -> Listing<Item> {
    let mut listing = Listing::default();
    for (name, ty) in types.core_exports().into_iter().flatten() {
        listing.push_with(|| item(types, name, ty));
    }
    listing
}

pub(super) fn imports(types: TypesRef<'_>) -> Listing<Import> {
    let mut listing = Listing::default();
    for (module, name, ty) in types.core_imports().into_iter().flatten() {
        listing.push_with(|| Import {
            module: shown(module),
            item: item(types, name, ty),
        });
    }
    listing
}

fn item(types: TypesRef<'_>, name: &str, ty: EntityType) -> Item {
    let (kind, signature) = match ty {
        EntityType::Func(id) | EntityType::FuncExact(id) => {
            (ItemKind::Function, of_function(types, id))
        }
        EntityType::Tag(id) => (ItemKind::Tag, of_function(types, id)),
        EntityType::Memory(ty) => {
            let index = if ty.memory64 { "i64 " } else { "" };
            (
                ItemKind::Memory,
                format!("{index}{}", limits(ty.initial, ty.maximum)),
            )
        }
        EntityType::Table(ty) => (
            ItemKind::Table,
            format!("{} {}", limits(ty.initial, ty.maximum), ty.element_type),
        ),
        EntityType::Global(ty) => (
            ItemKind::Global,
            format!(
                "{}{}",
                if ty.mutable { "mut " } else { "" },
                ty.content_type
            ),
        ),
    };
    let signature = text::clean(signature.as_bytes(), SIGNATURE_CHARS_MAX);
    Item {
        name: shown(name),
        kind,
        signature,
        members: Listing::default(),
    }
}

fn limits(min: u64, max: Option<u64>) -> String {
    max.map_or_else(|| format!("{min}.."), |max| format!("{min}..{max}"))
}

/// The function type behind an id.
pub(super) fn function<'a>(types: TypesRef<'a>, id: CoreTypeId) -> Option<&'a FuncType> {
    match &types.get(id)?.composite_type.inner {
        CompositeInnerType::Func(ty) => Some(ty),
        _ => None,
    }
}

fn of_function(types: TypesRef<'_>, id: CoreTypeId) -> String {
    function(types, id).map_or_else(|| "?".to_owned(), |ty| text_of(ty.params(), ty.results()))
}

/// `(i32, i32) -> i64`; results stand in brackets where they are not one.
pub(super) fn text_of(params: &[ValType], results: &[ValType]) -> String {
    match results {
        [one] => format!("({}) -> {one}", join(params)),
        other => format!("({}) -> ({})", join(params), join(other)),
    }
}

fn join(types: &[ValType]) -> String {
    // A function may have a thousand parameters; what cannot be shown is not made.
    let names: Vec<String> = types
        .iter()
        .take(SIGNATURE_CHARS_MAX / 2)
        .map(ValType::to_string)
        .collect();
    names.join(", ")
}
