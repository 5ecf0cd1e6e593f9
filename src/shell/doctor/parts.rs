//! What has to be installed: the GStreamer elements by what they are for, and the packages that bring them.

/// A package by its name for each package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// Debian, Ubuntu.
    apt: &'static str,
    /// Fedora.
    dnf: &'static str,
    /// Arch.
    pacman: &'static str,
}

/// Whoever installs packages here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager {
    Apt,
    Dnf,
    Pacman,
}

pub(super) const CORE: Package = Package { apt: "libgstreamer1.0-0", dnf: "gstreamer1", pacman: "gstreamer" };
const BASE: Package = Package { apt: "gstreamer1.0-plugins-base", dnf: "gstreamer1-plugins-base", pacman: "gst-plugins-base" };
const GOOD: Package = Package { apt: "gstreamer1.0-plugins-good", dnf: "gstreamer1-plugins-good", pacman: "gst-plugins-good" };
const BAD: Package = Package { apt: "gstreamer1.0-plugins-bad", dnf: "gstreamer1-plugins-bad-free", pacman: "gst-plugins-bad" };
const LIBAV: Package = Package { apt: "gstreamer1.0-libav", dnf: "gstreamer1-plugin-libav", pacman: "gst-libav" };
const PULSE: Package = Package { apt: "gstreamer1.0-pulseaudio", dnf: "gstreamer1-plugins-good", pacman: "gst-plugins-good" };
pub(super) const VULKAN: Package = Package { apt: "mesa-vulkan-drivers", dnf: "mesa-vulkan-drivers", pacman: "vulkan-swrast" };

/// Elements that do the same, the best first, and the package that brings the first of them.
type Part = (&'static [&'static str], Package);

/// Elements that serve one purpose.
pub(super) struct Group {
    /// The purpose, in words.
    pub name: &'static str,
    /// Whether the program is of no use without it.
    pub needed: bool,
    pub parts: &'static [Part],
}

pub(super) const GROUPS: [Group; 7] = [
    Group {
        name: "pipelines",
        needed: true,
        parts: &[
            (&["appsink"], BASE),
            (&["videoconvert"], BASE),
            (&["audioconvert"], BASE),
            (&["scaletempo"], GOOD),
            (&["audioresample"], BASE),
            (&["volume"], BASE),
        ],
    },
    Group {
        name: "MP4 (H.264, AAC)",
        needed: true,
        parts: &[(&["qtdemux"], GOOD), (&["h264parse"], BAD), (&["avdec_h264"], LIBAV), (&["aacparse"], GOOD), (&["avdec_aac"], LIBAV)],
    },
    Group {
        name: "WebM (VP8, VP9, Opus)",
        needed: true,
        parts: &[
            (&["matroskademux"], GOOD),
            (&["vp8dec", "avdec_vp8"], GOOD),
            (&["vp9dec", "avdec_vp9"], GOOD),
            (&["opusdec"], BASE),
            (&["vorbisdec"], BASE),
        ],
    },
    Group { name: "H.265", needed: false, parts: &[(&["h265parse"], BAD), (&["avdec_h265"], LIBAV)] },
    Group { name: "AV1", needed: false, parts: &[(&["av1parse"], BAD), (&["dav1ddec", "av1dec"], BAD)] },
    Group {
        name: "older formats",
        needed: false,
        parts: &[
            (&["avidemux"], GOOD),
            (&["flvdemux"], GOOD),
            (&["oggdemux"], BASE),
            (&["theoradec"], BASE),
            (&["tsdemux"], BAD),
            (&["mpegpsdemux"], BAD),
            (&["mpegvideoparse"], BAD),
            (&["mpegaudioparse"], GOOD),
            (&["mpg123audiodec", "avdec_mp3"], GOOD),
        ],
    },
    Group { name: "sound output", needed: false, parts: &[(&["pulsesink", "alsasink"], PULSE)] },
];

impl Package {
    fn name(self, manager: Manager) -> &'static str {
        match manager {
            Manager::Apt => self.apt,
            Manager::Dnf => self.dnf,
            Manager::Pacman => self.pacman,
        }
    }
}

impl Manager {
    const ALL: [Self; 3] = [Self::Apt, Self::Dnf, Self::Pacman];

    fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Pacman => "pacman",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Self::Apt => "sudo apt install",
            Self::Dnf => "sudo dnf install",
            Self::Pacman => "sudo pacman -S",
        }
    }

    /// The one of this machine, by what lies in `PATH`.
    pub fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        Self::ALL.into_iter().find(|manager| std::env::split_paths(&path).any(|folder| folder.join(manager.program()).is_file()))
    }
}

/// What to type to install `packages`: for the package manager of this machine, or for each where it is not known.
pub(super) fn install(packages: &[Package], manager: Option<Manager>) -> Vec<String> {
    let managers = manager.map_or(Manager::ALL.to_vec(), |manager| vec![manager]);
    let command = |manager: Manager| {
        let mut names: Vec<_> = packages.iter().map(|package| package.name(manager)).collect();
        names.sort_unstable();
        names.dedup();
        format!("{} {}", manager.command(), names.join(" "))
    };
    managers.into_iter().map(command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_package_is_named_once_in_a_command() {
        assert_eq!(install(&[BAD, GOOD, BAD], Some(Manager::Apt)), ["sudo apt install gstreamer1.0-plugins-bad gstreamer1.0-plugins-good"]);
        assert_eq!(install(&[PULSE, GOOD], Some(Manager::Pacman)), ["sudo pacman -S gst-plugins-good"]);
    }

    #[test]
    fn every_package_manager_is_told_where_none_is_known() {
        let commands = install(&[LIBAV], None);
        assert_eq!(commands.len(), 3);
        assert!(commands.iter().any(|command| command == "sudo dnf install gstreamer1-plugin-libav"), "{commands:?}");
    }
}
