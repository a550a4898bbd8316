//! Every function that would reach a file, a directory or a socket: there to be linked, and always refused.

use wasmtime::{Caller, FuncType, Linker, Result, Val, ValType};

use super::abi::{Errno, enter};
use super::{MODULE, WasiHost};

/// Name, parameters (`i` for i32, `I` for i64), which of them is the descriptor, what an open stream answers.
/// A descriptor that is not open is `badf`.
type Denied = (&'static str, &'static str, usize, Errno);

const DENIED: &[Denied] = &[
    ("fd_advise", "iIIi", 0, Errno::Spipe),
    ("fd_allocate", "iII", 0, Errno::Spipe),
    ("fd_fdstat_set_rights", "iII", 0, Errno::Notcapable),
    ("fd_filestat_set_size", "iI", 0, Errno::Inval),
    ("fd_filestat_set_times", "iIIi", 0, Errno::Notcapable),
    ("fd_pread", "iiiIi", 0, Errno::Spipe),
    ("fd_prestat_dir_name", "iii", 0, Errno::Badf),
    ("fd_prestat_get", "ii", 0, Errno::Badf),
    ("fd_pwrite", "iiiIi", 0, Errno::Spipe),
    ("fd_readdir", "iiiIi", 0, Errno::Notcapable),
    ("fd_renumber", "ii", 0, Errno::Notsup),
    ("fd_seek", "iIii", 0, Errno::Spipe),
    ("fd_tell", "ii", 0, Errno::Spipe),
    ("path_create_directory", "iii", 0, Errno::Notcapable),
    ("path_filestat_get", "iiiii", 0, Errno::Notcapable),
    ("path_filestat_set_times", "iiiiIIi", 0, Errno::Notcapable),
    ("path_link", "iiiiiii", 0, Errno::Notcapable),
    ("path_open", "iiiiiIIii", 0, Errno::Notcapable),
    ("path_readlink", "iiiiii", 0, Errno::Notcapable),
    ("path_remove_directory", "iii", 0, Errno::Notcapable),
    ("path_rename", "iiiiii", 0, Errno::Notcapable),
    ("path_symlink", "iiiii", 2, Errno::Notcapable),
    ("path_unlink_file", "iii", 0, Errno::Notcapable),
    ("sock_accept", "iii", 0, Errno::Notsock),
    ("sock_recv", "iiiiii", 0, Errno::Notsock),
    ("sock_send", "iiiii", 0, Errno::Notsock),
    ("sock_shutdown", "ii", 0, Errno::Notsock),
];

pub(super) fn link<T: WasiHost + Send + 'static>(linker: &mut Linker<T>) -> Result<()> {
    let engine = linker.engine().clone();
    for &(name, parameters, descriptor, errno) in DENIED {
        let parameters = parameters
            .chars()
            .map(|c| if c == 'I' { ValType::I64 } else { ValType::I32 });
        let signature = FuncType::new(&engine, parameters, [ValType::I32]);
        linker.func_new(
            MODULE,
            name,
            signature,
            move |mut caller: Caller<'_, T>, given, answer| {
                let fd = given
                    .get(descriptor)
                    .and_then(Val::i32)
                    .unwrap_or(-1)
                    .cast_unsigned();
                let refused = enter(&mut caller, |guest| {
                    Ok(Err(if guest.host.wasi().is_open(fd) {
                        errno
                    } else {
                        Errno::Badf
                    }))
                })?;
                for slot in answer.iter_mut() {
                    *slot = Val::I32(refused);
                }
                Ok(())
            },
        )?;
    }
    Ok(())
}
