//! Writing files whole. A reader finds either the old content or all of the new; a full disk, an error or a kill in
//! the middle leaves the old file as it was.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// More links than this in a row are a loop.
const MAX_LINKS: usize = 40;

/// Where output goes: a file that is replaced whole, or a device, pipe or descriptor that is written to directly.
#[derive(Debug)]
pub struct Destination(Kind);

#[derive(Debug)]
enum Kind {
    File(PathBuf),
    Stream(File),
}

impl Destination {
    /// Checks that the path can be written and opens what is not a file. A symlink leads to its target.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = target_of(path)?;
        let found = path.metadata();
        if is_descriptor(&path) {
            // Wherever the descriptor stands in a file, output goes after what is there.
            return Ok(Self(Kind::Stream(OpenOptions::new().append(true).open(&path)?)));
        }
        match found {
            Ok(found) if is_stream(&found) => {
                Ok(Self(Kind::Stream(OpenOptions::new().write(true).open(&path)?)))
            }
            Ok(_) => {
                OpenOptions::new().write(true).open(&path)?;
                Ok(Self(Kind::File(path)))
            }
            Err(_) => {
                beside(&path)?;
                Ok(Self(Kind::File(path)))
            }
        }
    }

    /// Writes the output.
    pub fn write(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        match self.0 {
            Kind::File(path) => replace(&path, write),
            Kind::Stream(stream) => buffered(stream, write),
        }
    }
}

/// Gives a file new content, or makes a new one. A symlink leads to its target; permissions stay, and the owner where
/// that is allowed.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let path = target_of(path)?;
    match beside(&path) {
        Ok(new) => {
            buffered(new.as_file(), write)?;
            if let Ok(old) = path.metadata() {
                take_over(&old, new.as_file())?;
            }
            new.as_file().sync_all()?;
            let Err(error) = new.persist(&path) else {
                sync_folder(&path);
                return Ok(());
            };
            if !cannot_be_renamed_over(&error.error) {
                return Err(error.error);
            }
            let mut content = Vec::new();
            error.file.reopen()?.read_to_end(&mut content)?;
            overwrite(&mut OpenOptions::new().read(true).write(true).open(&path)?, &content)
        }
        Err(error) if is_read_only(&error) && path.is_file() => {
            let mut content = Vec::new();
            write(&mut content)?;
            overwrite(&mut OpenOptions::new().read(true).write(true).open(&path)?, &content)
        }
        Err(error) => Err(error),
    }
}

/// Makes a new file; fails with [`ErrorKind::AlreadyExists`] where there is one, whenever it came.
pub fn create(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = target_of(path)?;
    let new = beside(&path)?;
    buffered(new.as_file(), write)?;
    new.as_file().sync_all()?;
    new.persist_noclobber(&path)?;
    sync_folder(&path);
    Ok(())
}

/// Where the last symlink leads; there may be nothing yet.
fn target_of(path: &Path) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..MAX_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() && !is_descriptor(&path) => {
                let link = fs::read_link(&path)?;
                path = path.parent().map_or_else(|| link.clone(), |folder| folder.join(&link));
            }
            _ => return Ok(path),
        }
    }
    Err(io::Error::from(rustix::io::Errno::LOOP))
}

/// Whether a path names a descriptor of this or another process, as `/dev/stdout` does.
fn is_descriptor(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/fd", "/proc"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}

fn is_stream(found: &Metadata) -> bool {
    let kind = found.file_type();
    kind.is_char_device() || kind.is_block_device() || kind.is_fifo() || kind.is_socket()
}

/// A new file in the folder of `path`, gone when it is dropped.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    tempfile::Builder::new()
        .prefix(".sharelock-")
        .suffix(".tmp")
        // The umask takes from it, as from every new file.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
}

/// Permissions and, where the system lets us, owner and group of the old file.
fn take_over(old: &Metadata, new: &File) -> io::Result<()> {
    let found = new.metadata()?;
    if (old.uid(), old.gid()) != (found.uid(), found.gid()) {
        let whole = fchown(new, Some(old.uid()), Some(old.gid()));
        // The group matters more to others than who wrote last.
        let _ = whole.or_else(|_| fchown(new, None, Some(old.gid())));
    }
    new.set_permissions(Permissions::from_mode(old.mode() & 0o777))
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

/// A file that is mounted by itself, as containers do.
fn cannot_be_renamed_over(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ResourceBusy | ErrorKind::CrossesDevices)
}

/// Overwrites a file in place, for folders in which no other can be made. What does not fit is taken back.
fn overwrite(file: &mut (impl Read + Write + Seek + Resize), content: &[u8]) -> io::Result<()> {
    let mut old = Vec::new();
    file.read_to_end(&mut old)?;
    let written = rewrite(file, content);
    if written.is_err() {
        rewrite(file, &old)?;
    }
    written
}

/// Nothing is cut before all is written, so what was there needs no new room.
fn rewrite(file: &mut (impl Write + Seek + Resize), content: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(content)?;
    file.resize(content.len() as u64)
}

/// A file whose end can be moved.
trait Resize {
    fn resize(&mut self, length: u64) -> io::Result<()>;
}

impl Resize for File {
    fn resize(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_all()
    }
}

/// A rename is on disk when its folder is. File systems that cannot do it have nothing to lose by it.
fn sync_folder(path: &Path) {
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        let _ = folder.sync_all();
    }
}

/// Writes through a buffer, and flushes it.
pub fn buffered(
    stream: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, stream);
    write(&mut out)?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::os::unix::fs::symlink;

    use tempfile::{TempDir, tempdir};

    use super::*;

    fn full(out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&vec![b'x'; 100_000])?;
        Err(ErrorKind::StorageFull.into())
    }

    fn new(out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"new")
    }

    fn old_file(folder: &TempDir) -> PathBuf {
        let path = folder.path().join("report.csv");
        fs::write(&path, "old content").unwrap();
        path
    }

    fn names(folder: &TempDir) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_full_disk_leaves_the_old_file_as_it_was_and_nothing_else() {
        let folder = tempdir().unwrap();
        let path = old_file(&folder);
        assert_eq!(replace(&path, full).unwrap_err().kind(), ErrorKind::StorageFull);
        let destination = Destination::open(&path).unwrap();
        assert_eq!(destination.write(full).unwrap_err().kind(), ErrorKind::StorageFull);
        let absent = folder.path().join("absent.csv");
        create(&absent, full).unwrap_err();
        replace(&absent, full).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old content");
        assert_eq!(names(&folder), ["report.csv"]);
    }

    #[test]
    fn the_permissions_of_the_old_file_stay_and_a_new_file_has_the_usual_ones() {
        let folder = tempdir().unwrap();
        let path = old_file(&folder);
        for mode in [0o600, 0o640, 0o664] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            replace(&path, new).unwrap();
            assert_eq!(path.metadata().unwrap().mode() & 0o7777, mode);
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        let (usual, ours) = (folder.path().join("usual"), folder.path().join("ours"));
        fs::write(&usual, "").unwrap();
        create(&ours, new).unwrap();
        assert_eq!(ours.metadata().unwrap().mode(), usual.metadata().unwrap().mode());
    }

    #[test]
    fn a_symlink_stays_and_its_target_gets_the_content() {
        let folder = tempdir().unwrap();
        let path = old_file(&folder);
        fs::create_dir(folder.path().join("links")).unwrap();
        let (first, second) = (folder.path().join("first"), folder.path().join("links/second"));
        symlink("links/second", &first).unwrap();
        symlink("../report.csv", &second).unwrap();
        Destination::open(&first).unwrap().write(new).unwrap();
        assert!(first.is_symlink() && second.is_symlink() && !path.is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");

        let dangling = folder.path().join("dangling");
        symlink("later.csv", &dangling).unwrap();
        Destination::open(&dangling).unwrap().write(new).unwrap();
        assert!(dangling.is_symlink());
        assert_eq!(fs::read_to_string(folder.path().join("later.csv")).unwrap(), "new");

        let circle = folder.path().join("circle");
        symlink("circle", &circle).unwrap();
        Destination::open(&circle).unwrap_err();
    }

    #[test]
    fn a_file_that_exists_is_not_created() {
        let folder = tempdir().unwrap();
        let path = old_file(&folder);
        assert_eq!(create(&path, new).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old content");
        assert_eq!(names(&folder), ["report.csv"]);
    }

    #[test]
    fn a_destination_that_cannot_be_written_is_refused_before_anything_is_done() {
        let folder = tempdir().unwrap();
        Destination::open(&folder.path().join("no/such/folder.csv")).unwrap_err();
        Destination::open(folder.path()).unwrap_err();
    }

    #[test]
    fn opening_a_destination_makes_and_changes_nothing() {
        let folder = tempdir().unwrap();
        let path = old_file(&folder);
        Destination::open(&path).unwrap();
        Destination::open(&folder.path().join("absent.csv")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old content");
        assert_eq!(names(&folder), ["report.csv"]);
    }

    #[test]
    fn devices_and_pipes_are_written_to_directly() {
        Destination::open(Path::new("/dev/null")).unwrap().write(new).unwrap();
        let full = Destination::open(Path::new("/dev/full")).unwrap().write(new);
        assert_eq!(full.unwrap_err().kind(), ErrorKind::StorageFull);

        let folder = tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).unwrap()
        });
        Destination::open(&pipe).unwrap().write(new).unwrap();
        assert_eq!(reader.join().unwrap(), "new");
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    }

    /// A file on a disk with so much room.
    struct Disk {
        file: Cursor<Vec<u8>>,
        room: usize,
    }

    impl Read for Disk {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            self.file.read(bytes)
        }
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let at = usize::try_from(self.file.position()).unwrap();
            match self.room.saturating_sub(at).min(bytes.len()) {
                0 => Err(ErrorKind::StorageFull.into()),
                fits => self.file.write(&bytes[..fits]),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Disk {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    impl Resize for Disk {
        fn resize(&mut self, length: u64) -> io::Result<()> {
            self.file.get_mut().truncate(usize::try_from(length).unwrap());
            Ok(())
        }
    }

    #[test]
    fn where_a_file_must_be_overwritten_in_place_a_full_disk_brings_the_old_content_back() {
        let disk = |room| Disk { file: Cursor::new(b"old content".to_vec()), room };
        let mut small = disk(16);
        overwrite(&mut small, b"longer than there is room for").unwrap_err();
        assert_eq!(small.file.into_inner(), b"old content");
        for content in [&b"short"[..], b"longer, and fits"] {
            let mut large = disk(16);
            overwrite(&mut large, content).unwrap();
            assert_eq!(large.file.into_inner(), content);
        }
    }
}
