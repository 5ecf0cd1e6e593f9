//! Which graphics interfaces are tried. wgpu asks all of them, and each loads a driver: where there is no graphics card,
//! OpenGL's is a second software renderer beside Vulkan's, 15 MB that nobody paints with.

use eframe::egui_wgpu::wgpu;

/// Where Linux has the devices of graphics cards.
#[cfg(target_os = "linux")]
const DEVICES: &str = "/dev/dri";

/// Vulkan alone, where it can paint and nothing else could do so better; it lasts as long as the driver is to stay loaded.
pub(super) struct VulkanAlone {
    _instance: wgpu::Instance,
}

impl VulkanAlone {
    /// `None`: everything should be tried. What the environment asks for goes first.
    pub async fn find() -> Option<Self> {
        if std::env::var_os("WGPU_BACKEND").is_some() || has_graphics_card() {
            return None;
        }
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::VULKAN;
        let instance = wgpu::Instance::new(descriptor);
        let adapters = instance.enumerate_adapters(wgpu::Backends::VULKAN).await;
        (!adapters.is_empty()).then_some(Self { _instance: instance })
    }
}

#[cfg(target_os = "linux")]
fn has_graphics_card() -> bool {
    std::fs::read_dir(DEVICES).is_ok_and(|mut devices| devices.next().is_some())
}

#[cfg(not(target_os = "linux"))]
fn has_graphics_card() -> bool {
    true
}
