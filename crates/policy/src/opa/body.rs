//! The functions that an adapted module has more, and those in the place of its imports.
//!
//! The heap of OPA's runtime only grows, and `opa_eval` moves its end to the address that it is given, forgetting what was
//! freed. So evaluation passes the end as it is then: all that was allocated before, the data document, the input and the
//! buffer of builtins, stays below it.

use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, ValType};

use super::OUT_BYTES_MAX;
use super::shape::{Eval, Opa, Stub};

/// Where things are in the module as it becomes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    /// By how much functions move: 1 where the host's function is imported.
    pub(super) shift: u32,
    /// The first added function.
    pub(super) functions: u32,
    /// The address of the data document's value, 0 before there is one.
    pub(super) data: u32,
    /// The address of the buffer that the host writes answers into, 0 before there is one.
    pub(super) out: u32,
}

/// The added functions, in the order in which they are defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// `(text) -> text << 32 | length`
    Packed,
    /// `() -> value` of the data document
    Data,
    Alloc,
    Load,
    Check,
    Entrypoints,
    Builtins,
    /// `(cursor, separator, text) -> cursor` behind both
    Append,
    /// `(id, text, length) -> value`, 0 for undefined
    Ask,
}

impl Added {
    pub(super) const ALL: [Added; 9] = [
        Added::Packed,
        Added::Data,
        Added::Alloc,
        Added::Load,
        Added::Check,
        Added::Entrypoints,
        Added::Builtins,
        Added::Append,
        Added::Ask,
    ];

    /// Its name in the name section.
    pub(super) fn name(self) -> &'static str {
        match self {
            Added::Packed => "wardian_packed",
            Added::Data => "wardian_data",
            Added::Alloc => "alloc",
            Added::Load => "policy_load",
            Added::Check => "policy_check",
            Added::Entrypoints => "policy_entrypoints",
            Added::Builtins => "policy_builtins",
            Added::Append => "wardian_append",
            Added::Ask => "wardian_ask",
        }
    }

    /// Whether it is exported under its name.
    pub(super) fn exported(self) -> bool {
        !matches!(
            self,
            Added::Packed | Added::Data | Added::Append | Added::Ask
        )
    }

    pub(super) fn params(self) -> usize {
        match self {
            Added::Data => 0,
            Added::Packed | Added::Alloc => 1,
            Added::Load | Added::Check | Added::Entrypoints | Added::Builtins => 2,
            Added::Append | Added::Ask => 3,
        }
    }

    pub(super) fn result(self) -> ValType {
        match self {
            Added::Data | Added::Alloc | Added::Append | Added::Ask => ValType::I32,
            _ => ValType::I64,
        }
    }

    fn offset(self) -> u32 {
        self as u32
    }
}

/// Bodies, written for one module.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bodies<'o> {
    pub(super) opa: &'o Opa,
    pub(super) places: Places,
}

impl Bodies<'_> {
    /// What stands in the place of an import.
    pub(super) fn stub(&self, stub: Stub) -> Function {
        match stub {
            Stub::Println => {
                let mut function = Function::new([]);
                function.instructions().end();
                function
            }
            Stub::Builtin(arguments) if self.opa.options.host_builtins => self.builtin(arguments),
            Stub::Abort | Stub::Builtin(_) => {
                let mut function = Function::new([]);
                function.instructions().unreachable().end();
                function
            }
        }
    }

    pub(super) fn added(&self, added: Added) -> Function {
        match added {
            Added::Packed => packed(),
            Added::Data => self.data(),
            Added::Alloc => {
                let mut function = Function::new([]);
                let mut body = function.instructions();
                body.local_get(0);
                self.call(&mut body, self.opa.calls.malloc).end();
                function
            }
            Added::Load => self.load(),
            Added::Check => self.check(),
            Added::Entrypoints => self.told(self.opa.calls.entrypoints),
            Added::Builtins => self.told(self.opa.calls.builtins),
            Added::Append => self.append(),
            Added::Ask if self.opa.options.host_builtins => self.ask(),
            Added::Ask => {
                let mut function = Function::new([]);
                function.instructions().unreachable().end();
                function
            }
        }
    }

    /// A function of the module as it was.
    fn call<'b, 's>(
        &self,
        body: &'b mut InstructionSink<'s>,
        function: u32,
    ) -> &'b mut InstructionSink<'s> {
        body.call(self.places.shift.saturating_add(function))
    }

    fn call_added<'b, 's>(
        &self,
        body: &'b mut InstructionSink<'s>,
        added: Added,
    ) -> &'b mut InstructionSink<'s> {
        body.call(self.places.functions.saturating_add(added.offset()))
    }

    /// Gives what is on the stack back to the heap, where the module can.
    fn free(&self, body: &mut InstructionSink<'_>) {
        match self.opa.calls.free {
            Some(free) => self.call(body, free),
            None => body.drop(),
        };
    }

    /// The data document: what was loaded, otherwise `{}`.
    fn data(&self) -> Function {
        let mut function = Function::new([(1, ValType::I32)]);
        let mut body = function.instructions();
        body.global_get(self.places.data).i32_eqz();
        body.if_(BlockType::Empty).i32_const(2);
        self.call(&mut body, self.opa.calls.malloc).local_tee(0);
        body.i32_const(i32::from_le_bytes(*b"{}\0\0"))
            .i32_store16(byte())
            .local_get(0)
            .i32_const(2);
        self.call(&mut body, self.opa.calls.json_parse);
        body.global_set(self.places.data)
            .end()
            .global_get(self.places.data)
            .end();
        function
    }

    /// Keeps the data document's value; a text that is no JSON traps.
    fn load(&self) -> Function {
        let mut function = Function::new([(1, ValType::I32)]);
        let mut body = function.instructions();
        body.local_get(0).local_get(1);
        self.call(&mut body, self.opa.calls.json_parse).local_tee(2);
        body.i32_eqz()
            .if_(BlockType::Empty)
            .unreachable()
            .end()
            .local_get(2)
            .global_set(self.places.data)
            .i64_const(0)
            .end();
        function
    }

    fn check(&self) -> Function {
        let (context, input) = (2, 3);
        let mut function = Function::new([(2, ValType::I32)]);
        let mut body = function.instructions();
        let entrypoint = self.opa.options.entrypoint.cast_signed();
        // OPA evaluates over no input at all where it cannot read it, and a policy may allow that.
        body.local_get(0).local_get(1);
        self.call(&mut body, self.opa.calls.json_parse)
            .local_tee(input)
            .i32_eqz()
            .if_(BlockType::Empty)
            .unreachable()
            .end();
        match self.opa.eval {
            Eval::Once { eval, heap_ptr_get } => {
                body.i32_const(0).i32_const(entrypoint);
                self.call_added(&mut body, Added::Data)
                    .local_get(0)
                    .local_get(1);
                self.call(&mut body, heap_ptr_get).i32_const(0);
                self.call(&mut body, eval);
            }
            Eval::Steps {
                new,
                set_input,
                set_data,
                set_entrypoint,
                eval,
                get_result,
            } => {
                self.call(&mut body, new).local_tee(context);
                body.local_get(input);
                self.call(&mut body, set_input).local_get(context);
                self.call_added(&mut body, Added::Data);
                self.call(&mut body, set_data).local_get(context);
                body.i32_const(entrypoint);
                self.call(&mut body, set_entrypoint).local_get(context);
                self.call(&mut body, eval).drop().local_get(context);
                self.call(&mut body, get_result);
                self.call(&mut body, self.opa.calls.json_dump);
            }
        }
        self.call_added(&mut body, Added::Packed).end();
        function
    }

    /// What one of the module's own functions tells, as JSON.
    fn told(&self, function_index: u32) -> Function {
        let mut function = Function::new([]);
        let mut body = function.instructions();
        self.call(&mut body, function_index);
        self.call(&mut body, self.opa.calls.json_dump);
        self.call_added(&mut body, Added::Packed).end();
        function
    }

    /// `opa_builtinN(id, context, …)`: writes its arguments as one list and asks the host.
    fn builtin(&self, arguments: u32) -> Function {
        let (texts, total) = (2 + arguments, 2 + 2 * arguments);
        let (list, cursor) = (total + 1, total + 2);
        let dump = self.opa.calls.value_dump;
        let mut function = Function::new([(arguments + 3, ValType::I32)]);
        let mut body = function.instructions();
        // A bracket at each end; `packed` has the length in its low half.
        body.i32_const(2).local_set(total);
        for argument in 0..arguments {
            body.local_get(2 + argument);
            self.call(&mut body, dump.unwrap_or(self.opa.calls.json_dump))
                .local_tee(texts + argument);
            self.call_added(&mut body, Added::Packed)
                .i32_wrap_i64()
                .i32_const(1)
                .i32_add()
                .local_get(total)
                .i32_add()
                .local_set(total);
        }
        body.local_get(total);
        self.call(&mut body, self.opa.calls.malloc)
            .local_tee(list)
            .local_set(cursor);
        for argument in 0..arguments {
            let separator = if argument == 0 { b'[' } else { b',' };
            body.local_get(cursor)
                .i32_const(i32::from(separator))
                .local_get(texts + argument);
            self.call_added(&mut body, Added::Append).local_set(cursor);
        }
        if arguments == 0 {
            body.local_get(cursor)
                .i32_const(i32::from(b'['))
                .i32_store8(byte())
                .local_get(cursor)
                .i32_const(1)
                .i32_add()
                .local_set(cursor);
        }
        body.local_get(cursor)
            .i32_const(i32::from(b']'))
            .i32_store8(byte())
            .local_get(0)
            .local_get(list)
            .local_get(cursor)
            .i32_const(1)
            .i32_add()
            .local_get(list)
            .i32_sub();
        self.call_added(&mut body, Added::Ask).end();
        function
    }

    /// Puts a separator and a text behind what is there, and gives the text back to the heap.
    fn append(&self) -> Function {
        let mut function = Function::new([(1, ValType::I32)]);
        let mut body = function.instructions();
        body.local_get(0)
            .local_get(1)
            .i32_store8(byte())
            .local_get(0)
            .i32_const(1)
            .i32_add()
            .local_tee(0)
            .local_get(2)
            .local_get(2);
        self.call_added(&mut body, Added::Packed)
            .i32_wrap_i64()
            .local_tee(3)
            .memory_copy(0, 0)
            .local_get(2);
        self.free(&mut body);
        body.local_get(0).local_get(3).i32_add().end();
        function
    }

    /// Asks the host, and reads what it wrote as a value. A negative length is undefined.
    fn ask(&self) -> Function {
        let mut function = Function::new([(1, ValType::I64), (1, ValType::I32)]);
        let (length, value) = (3, 4);
        let out_cap = i32::try_from(OUT_BYTES_MAX).unwrap_or(i32::MAX);
        let mut body = function.instructions();
        body.global_get(self.places.out)
            .i32_eqz()
            .if_(BlockType::Empty)
            .i32_const(out_cap);
        self.call(&mut body, self.opa.calls.malloc)
            .global_set(self.places.out)
            .end()
            .local_get(0)
            .local_get(1)
            .local_get(2)
            .global_get(self.places.out)
            .i32_const(out_cap)
            // The host's function is the only import.
            .call(0)
            .local_set(length)
            .local_get(1);
        self.free(&mut body);
        body.local_get(length)
            .i64_const(0)
            .i64_lt_s()
            .if_(BlockType::Empty)
            .i32_const(0)
            .return_()
            .end()
            .local_get(length)
            .i64_const(i64::from(out_cap))
            .i64_gt_s()
            .if_(BlockType::Empty)
            .unreachable()
            .end()
            .global_get(self.places.out)
            .local_get(length)
            .i32_wrap_i64();
        let parse = self.opa.calls.value_parse;
        self.call(&mut body, parse.unwrap_or(self.opa.calls.json_parse))
            .local_tee(value)
            .i32_eqz()
            .if_(BlockType::Empty)
            .unreachable()
            .end()
            .local_get(value)
            .end();
        function
    }
}

/// A text that ends with NUL, as an address and a length.
fn packed() -> Function {
    let mut function = Function::new([(1, ValType::I32)]);
    let (text, end) = (0, 1);
    function
        .instructions()
        .local_get(text)
        .local_set(end)
        .block(BlockType::Empty)
        .loop_(BlockType::Empty)
        .local_get(end)
        .i32_load8_u(byte())
        .i32_eqz()
        .br_if(1)
        .local_get(end)
        .i32_const(1)
        .i32_add()
        .local_set(end)
        .br(0)
        .end()
        .end()
        .local_get(text)
        .i64_extend_i32_u()
        .i64_const(32)
        .i64_shl()
        .local_get(end)
        .local_get(text)
        .i32_sub()
        .i64_extend_i32_u()
        .i64_or()
        .end();
    function
}

/// An access at the address itself, aligned or not.
fn byte() -> MemArg {
    MemArg {
        offset: 0,
        align: 0,
        memory_index: 0,
    }
}
