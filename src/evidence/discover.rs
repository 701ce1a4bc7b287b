//! PATH arguments become a list of evidence files, each with the name that the report gives it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::archive::{self, Member};
use super::bytes::Bytes;
use super::packed::Caps;

/// Where the bytes of one evidence file come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    /// A zip archive, whose members are files of their own.
    Archive(PathBuf),
    /// A member of the zip archive at this path.
    Member(PathBuf, Member),
    StandardInput,
}

impl Source {
    /// The file on the disk that holds the bytes.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::File(path) | Source::Archive(path) | Source::Member(path, _) => Some(path),
            Source::StandardInput => None,
        }
    }
}

/// One evidence file, not yet opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// The name in the report: relative to its PATH argument, parts separated by `/`, unique.
    pub path: String,
    pub source: Source,
    /// What may come of it, where it is compressed.
    pub caps: Caps,
    /// What the report says of it before it is read.
    pub note: Option<String>,
}

impl Located {
    /// Bytes on the disk, of a member those that it says it has once unpacked; `None` for standard input and where the
    /// file cannot be looked at.
    pub fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Member(_, member) => Some(member.length()),
            source => std::fs::metadata(source.path()?).ok().map(|m| m.len()),
        }
    }
}

/// Something below a PATH that is no evidence because it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unreadable {
    /// Named as evidence is named.
    pub path: String,
    pub reason: String,
}

/// What lies below the PATH arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Sorted by path; the index here is `Origin::file`.
    pub files: Vec<Located>,
    /// Sorted by path.
    pub unreadable: Vec<Unreadable>,
}

/// A PATH argument that names nothing.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    #[error("{}: no such file or folder", .0.display())]
    Missing(PathBuf),
    #[error("{}: {}", .0.display(), .1)]
    Unreachable(PathBuf, io::Error),
    #[error("standard input (-) can be given only once")]
    StandardInputTwice,
}

/// Lists the files that `paths` name: files, folders (read recursively, symbolic links not followed) and `-`.
///
/// With one PATH, names are relative to it; with several, each name begins with the last part of its argument,
/// numbered where two agree. The file `org` is no evidence wherever it lies. An argument that does not exist
/// is an error; what cannot be read below one is listed. A zip archive is listed with its members, each named by the
/// archive's name and its own; `caps` bounds what may come of what is compressed.
pub fn discover(paths: &[PathBuf], org: Option<&Path>, caps: Caps) -> Result<Discovery, DiscoverError> {
    let org = org.and_then(|p| p.canonicalize().ok());
    let mut finds = Finds {
        org,
        files: Vec::new(),
        unreadable: Vec::new(),
    };
    let mut taken = BTreeSet::new();
    let mut standard_input = false;
    for path in paths {
        let prefix = if paths.len() > 1 {
            Some(numbered(last_part(path), "-", &mut taken))
        } else {
            None
        };
        if path.as_os_str() == "-" {
            if std::mem::replace(&mut standard_input, true) {
                return Err(DiscoverError::StandardInputTwice);
            }
            finds
                .files
                .push((prefix.unwrap_or_else(|| "-".to_owned()), Source::StandardInput));
            continue;
        }
        let kind = std::fs::metadata(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => DiscoverError::Missing(path.clone()),
            _ => DiscoverError::Unreachable(path.clone(), e),
        })?;
        if kind.is_dir() {
            finds.walk(path, prefix.as_deref());
        } else {
            finds.file(prefix.unwrap_or_else(|| last_part(path)), path.clone());
        }
    }
    Ok(finds.sorted(caps))
}

struct Finds {
    org: Option<PathBuf>,
    files: Vec<(String, Source)>,
    unreadable: Vec<Unreadable>,
}

impl Finds {
    fn file(&mut self, name: String, path: PathBuf) {
        let is_org = self.org.is_some() && path.canonicalize().ok() == self.org;
        if !is_org {
            self.files.push((name, Source::File(path)));
        }
    }

    fn walk(&mut self, root: &Path, prefix: Option<&str>) {
        for entry in WalkDir::new(root).follow_links(false).sort_by_file_name() {
            match entry {
                Err(e) => {
                    let path = logical(root, prefix, e.path().unwrap_or(root));
                    let reason = e
                        .io_error()
                        .map_or_else(|| "cannot be listed".to_owned(), ToString::to_string);
                    self.unreadable.push(Unreadable { path, reason });
                }
                Ok(entry) => {
                    let kind = entry.file_type();
                    let reason = if kind.is_dir() || entry.depth() == 0 {
                        continue;
                    } else if kind.is_file() {
                        self.file(logical(root, prefix, entry.path()), entry.into_path());
                        continue;
                    } else if kind.is_symlink() {
                        "a symbolic link, not followed"
                    } else {
                        "neither a file nor a folder"
                    };
                    let path = logical(root, prefix, entry.path());
                    self.unreadable.push(Unreadable {
                        path,
                        reason: reason.to_owned(),
                    });
                }
            }
        }
    }

    /// Names made of bytes that are no UTF-8 can fall together; which of them gets the number must not depend
    /// on the order of arguments or of the disk.
    fn sorted(mut self, caps: Caps) -> Discovery {
        let key = |(name, source): &(String, Source)| (name.clone(), source.path().map(Path::to_owned));
        self.files.sort_by_cached_key(key);
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for (name, _) in &self.files {
            *count.entry(name).or_default() += 1;
        }
        let mut taken: BTreeSet<String> = count
            .into_iter()
            .filter(|(_, n)| *n == 1)
            .map(|(s, _)| s.to_owned())
            .collect();
        let unique = taken.clone();
        let mut files: Vec<Located> = self
            .files
            .into_iter()
            .map(|(name, source)| {
                let path = if unique.contains(&name) {
                    name
                } else {
                    numbered(name, "-", &mut taken)
                };
                Located {
                    path,
                    source,
                    caps,
                    note: None,
                }
            })
            .collect();
        let members: Vec<Located> = files
            .iter_mut()
            .flat_map(|file| members(file, &mut taken, &mut self.unreadable))
            .collect();
        files.extend(members);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        self.unreadable.sort();
        Discovery {
            files,
            unreadable: self.unreadable,
        }
    }
}

/// The members of a file that turns out to be a zip archive, each with a name of its own.
fn members(file: &mut Located, taken: &mut BTreeSet<String>, unreadable: &mut Vec<Unreadable>) -> Vec<Located> {
    let Source::File(path) = &file.source else {
        return Vec::new();
    };
    // A file that cannot be opened fails again when it is to be read, and is told of then.
    let Some(Bytes::Mapped { map, .. }) = begins_like_an_archive(path).then(|| Bytes::open(path).ok()).flatten() else {
        return Vec::new();
    };
    let contents = match archive::list(&map, file.caps) {
        Ok(contents) if contents.document => {
            file.note = Some("an Office document; save its sheet as CSV to have it read".to_owned());
            return Vec::new();
        }
        Ok(contents) => contents,
        Err(reason) => {
            file.note = Some(reason.clone());
            unreadable.push(Unreadable {
                path: file.path.clone(),
                reason,
            });
            return Vec::new();
        }
    };
    let below = |name: String| format!("{}/{name}", file.path);
    unreadable.extend(contents.refused.into_iter().map(|(name, reason)| Unreadable {
        path: below(name),
        reason,
    }));
    let members = contents.members.into_iter().map(|(name, member)| Located {
        path: numbered(below(name), "-", taken),
        source: Source::Member(path.clone(), member),
        caps: file.caps,
        note: None,
    });
    let members = members.collect();
    file.source = Source::Archive(path.clone());
    file.note = Some(contents.note);
    members
}

/// Told by its first bytes. A pipe is not asked: what was read of it would be gone.
fn begins_like_an_archive(path: &Path) -> bool {
    let mut head = [0; 4];
    std::fs::metadata(path).is_ok_and(|m| m.is_file())
        && std::fs::File::open(path)
            .and_then(|mut file| file.read_exact(&mut head))
            .is_ok_and(|()| archive::is_zip(&head))
}

/// `name`, or `name-2`, `name-3` and so on where it is taken.
fn numbered(name: String, separator: &str, taken: &mut BTreeSet<String>) -> String {
    let mut unique = name.clone();
    let mut number = 1u64;
    while !taken.insert(unique.clone()) {
        number += 1;
        unique = format!("{name}{separator}{number}");
    }
    unique
}

/// The last part of an argument; of `.` and `..` the name of the folder that they mean.
fn last_part(path: &Path) -> String {
    let name = |p: &Path| p.file_name().map(|n| n.to_string_lossy().into_owned());
    name(path)
        .or_else(|| path.canonicalize().ok().as_deref().and_then(name))
        .unwrap_or_else(|| "root".to_owned())
}

/// The name in the report of a path below `root`.
fn logical(root: &Path, prefix: Option<&str>, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts = below.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    let name = prefix
        .map(str::to_owned)
        .into_iter()
        .chain(parts)
        .collect::<Vec<_>>()
        .join("/");
    if name.is_empty() { ".".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, b"x").unwrap();
        }
        folder
    }

    fn names(found: &Discovery) -> Vec<&str> {
        found.files.iter().map(|f| f.path.as_str()).collect()
    }

    #[test]
    fn names_below_one_folder_are_relative_to_it_and_sorted() {
        let folder = tree(&["b.csv", "a/z.json", "a/deep/er.csv", "Z.csv"]);
        let found = discover(&[folder.path().to_owned()], None, Caps::default()).unwrap();
        assert_eq!(names(&found), ["Z.csv", "a/deep/er.csv", "a/z.json", "b.csv"]);
        assert!(found.unreadable.is_empty());
    }

    #[test]
    fn one_file_is_named_by_its_file_name() {
        let folder = tree(&["a/z.json"]);
        assert_eq!(
            names(&discover(&[folder.path().join("a/z.json")], None, Caps::default()).unwrap()),
            ["z.json"]
        );
    }

    #[test]
    fn several_arguments_are_told_apart_by_their_last_parts() {
        let folder = tree(&["1/exports/t.csv", "2/exports/t.csv", "3/exports-2/t.csv", "u.csv"]);
        let at = |p: &str| folder.path().join(p);
        let found = discover(
            &[
                at("1/exports"),
                at("2/exports/"),
                at("3/exports-2"),
                at("u.csv"),
                "-".into(),
            ],
            None,
            Caps::default(),
        )
        .unwrap();
        assert_eq!(
            names(&found),
            ["-", "exports-2-2/t.csv", "exports-2/t.csv", "exports/t.csv", "u.csv"]
        );
        assert_eq!(found.files[0].source, Source::StandardInput);
        assert_eq!(found.files[2].source, Source::File(at("2/exports/").join("t.csv")));
    }

    #[test]
    fn standard_input_alone_is_a_dash_and_twice_is_an_error() {
        assert_eq!(names(&discover(&["-".into()], None, Caps::default()).unwrap()), ["-"]);
        assert!(matches!(
            discover(&["-".into(), "-".into()], None, Caps::default()),
            Err(DiscoverError::StandardInputTwice)
        ));
    }

    #[test]
    fn the_file_of_the_analyst_is_left_out_wherever_it_lies() {
        let folder = tree(&["deep/org.toml", "deep/t.csv"]);
        let org = folder.path().join("deep/../deep/org.toml");
        assert_eq!(
            names(&discover(&[folder.path().to_owned()], Some(&org), Caps::default()).unwrap()),
            ["deep/t.csv"]
        );
        assert!(
            discover(&[folder.path().join("deep/org.toml")], Some(&org), Caps::default())
                .unwrap()
                .files
                .is_empty()
        );
    }

    #[test]
    fn an_argument_that_does_not_exist_is_an_error_that_names_it() {
        let error = discover(&["/nonexistent/exports".into()], None, Caps::default()).unwrap_err();
        assert_eq!(error.to_string(), "/nonexistent/exports: no such file or folder");
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_are_named_and_not_followed() {
        let folder = tree(&["t.csv", "elsewhere/secret.csv"]);
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.csv")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("round")).unwrap();
        let found = discover(&[folder.path().to_owned()], None, Caps::default()).unwrap();
        assert_eq!(names(&found), ["elsewhere/secret.csv", "t.csv"]);
        let unread: Vec<_> = found
            .unreadable
            .iter()
            .map(|u| (u.path.as_str(), u.reason.as_str()))
            .collect();
        assert_eq!(
            unread,
            [
                ("link.csv", "a symbolic link, not followed"),
                ("round", "a symbolic link, not followed")
            ]
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_no_utf_8_stay_apart() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        for name in [b"a\xff.csv", b"a\xfe.csv"] {
            std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), b"x").unwrap();
        }
        let found = discover(&[folder.path().to_owned()], None, Caps::default()).unwrap();
        assert_eq!(names(&found), ["a\u{fffd}.csv", "a\u{fffd}.csv-2"]);
        assert_ne!(found.files[0].source, found.files[1].source);
    }
}
