//! Video on the GPU: one set of textures per assignment, filled before its tile comes on screen, painted by
//! one shader (`shader.wgsl`).

mod layer;
mod part;
mod pipeline;
mod textures;
mod uniforms;
mod wash;

use std::collections::HashMap;

use eframe::egui_wgpu::{self, wgpu};
use eframe::{egui, egui_wgpu::CallbackTrait};

pub use self::layer::{Layer, Patch};
use self::textures::{Layouts, PictureTextures};
use self::uniforms::Quad;
pub use self::uniforms::Shade;
pub use self::wash::Wash;
use crate::feed::{Generation, ItemId};
use crate::player::Frame;

/// Called when the display frame it was given to has been finished by the renderer.
pub type OnDone = Box<dyn FnOnce() + Send>;

/// Whose picture it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Whose {
    /// The video of an assignment.
    Video(Generation),
    /// The poster of an item.
    Poster(ItemId),
}

/// The textures of all assignments and posters, kept among the renderer's callback resources.
pub struct Surfaces {
    layouts: Layouts,
    pictures: HashMap<Whose, PictureTextures>,
    washes: wash::Pipelines,
    layers: layer::Layers,
}

impl Surfaces {
    /// Makes the pipelines and hands the surfaces to the renderer.
    pub fn install(state: &egui_wgpu::RenderState) {
        let surfaces = Self {
            layouts: Layouts::new(&state.device, state.target_format),
            pictures: HashMap::new(),
            washes: wash::Pipelines::new(&state.device, state.target_format),
            layers: layer::Layers::new(&state.device, state.target_format),
        };
        state.renderer.write().callback_resources.insert(surfaces);
    }

    /// Uploads pictures. Their memory is given back to the player when this returns.
    pub fn upload(state: &egui_wgpu::RenderState, frames: &[(Generation, Frame)]) {
        Self::upload_all(state, frames.iter().map(|(generation, frame)| (Whose::Video(*generation), frame)));
    }

    /// Uploads posters.
    pub fn upload_posters(state: &egui_wgpu::RenderState, posters: &[(ItemId, Frame)]) {
        Self::upload_all(state, posters.iter().map(|(item, frame)| (Whose::Poster(item.clone()), frame)));
    }

    fn upload_all<'a>(state: &egui_wgpu::RenderState, frames: impl Iterator<Item = (Whose, &'a Frame)>) {
        let mut renderer = state.renderer.write();
        let Some(surfaces) = renderer.callback_resources.get_mut::<Self>() else { return };
        for (whose, frame) in frames {
            match surfaces.pictures.get_mut(&whose) {
                Some(textures) if textures.fits(frame) => textures.fill(&state.queue, frame),
                _ => {
                    let textures = PictureTextures::new(&surfaces.layouts, &state.device, frame);
                    textures.fill(&state.queue, frame);
                    surfaces.pictures.insert(whose, textures);
                }
            }
        }
    }

    /// Lets go of the textures of assignments that are over.
    pub fn keep(state: &egui_wgpu::RenderState, is_alive: impl Fn(Generation) -> bool) {
        let mut renderer = state.renderer.write();
        if let Some(surfaces) = renderer.callback_resources.get_mut::<Self>() {
            surfaces.pictures.retain(|whose, _| match whose {
                Whose::Video(generation) => is_alive(*generation),
                Whose::Poster(_) => true,
            });
        }
    }

    /// Lets go of the textures of posters that are not wanted any more.
    pub fn keep_posters(state: &egui_wgpu::RenderState, is_wanted: impl Fn(&ItemId) -> bool) {
        let mut renderer = state.renderer.write();
        if let Some(surfaces) = renderer.callback_resources.get_mut::<Self>() {
            surfaces.pictures.retain(|whose, _| match whose {
                Whose::Video(_) => true,
                Whose::Poster(item) => is_wanted(item),
            });
        }
    }
}

/// The shape that paints the picture of `generation` into `rect` (upright, in points), clipped by the painter.
/// The rows of `shade` are in points.
pub fn video_shape(generation: Generation, rect: egui::Rect, shade: Shade, screen: egui::Rect) -> egui::Shape {
    egui_wgpu::Callback::new_paint_callback(screen, Painting { whose: Whose::Video(generation), rect, shade }).into()
}

/// The same for the poster of an item.
pub fn poster_shape(item: ItemId, rect: egui::Rect, shade: Shade, screen: egui::Rect) -> egui::Shape {
    egui_wgpu::Callback::new_paint_callback(screen, Painting { whose: Whose::Poster(item), rect, shade }).into()
}

/// A shape without looks that calls `done` when the renderer has finished the display frame it is part of.
pub fn frame_done_shape(screen: egui::Rect, done: OnDone) -> egui::Shape {
    egui_wgpu::Callback::new_paint_callback(screen, FrameDone(std::sync::Mutex::new(Some(done)))).into()
}

struct Painting {
    whose: Whose,
    rect: egui::Rect,
    shade: Shade,
}

impl CallbackTrait for Painting {
    fn prepare(
        &self,
        _device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &egui_wgpu::ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut egui_wgpu::CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        if let Some(textures) = resources.get::<Surfaces>().and_then(|surfaces| surfaces.pictures.get(&self.whose)) {
            let scale = screen.pixels_per_point;
            textures.place(queue, &quad(self.rect, screen.size_in_pixels, scale), self.shade.scaled(scale));
        }
        Vec::new()
    }

    fn paint(&self, info: egui::PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &egui_wgpu::CallbackResources) {
        let Some(surfaces) = resources.get::<Surfaces>() else { return };
        if let Some(textures) = surfaces.pictures.get(&self.whose) {
            let clip = info.clip_rect_in_pixels();
            let clip = [clip.left_px, clip.top_px, clip.width_px, clip.height_px].map(|px| u32::try_from(px).unwrap_or(0));
            let (quad, shade) = (quad(self.rect, info.screen_size_px, info.pixels_per_point), self.shade.scaled(info.pixels_per_point));
            textures.draw(&surfaces.layouts, pass, &quad, &shade, clip, &surfaces.layers.covered());
        }
    }
}

/// The rectangle as the shader needs it, its edges on whole pixels so that texels made to size fall on pixels.
fn quad(rect: egui::Rect, screen: [u32; 2], pixels_per_point: f32) -> Quad {
    let pixels = |points: f32| (points * pixels_per_point).round();
    let [left, top, right, bottom] = [rect.left(), rect.top(), rect.right(), rect.bottom()].map(pixels);
    #[expect(clippy::cast_precision_loss, reason = "window sizes are far below 2^24")]
    let [width, height] = screen.map(|pixels| pixels.max(1) as f32);
    let x = |pixels: f32| pixels / width * 2.0 - 1.0;
    let y = |pixels: f32| 1.0 - pixels / height * 2.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and right of left")]
    let pixels = ((right - left).max(0.0) as u32, (bottom - top).max(0.0) as u32);
    #[expect(clippy::cast_possible_truncation, reason = "rounded")]
    let origin = (left as i32, top as i32);
    Quad { clip_space: [x(left), y(top), x(right), y(bottom)], origin, pixels }
}

struct FrameDone(std::sync::Mutex<Option<OnDone>>);

impl CallbackTrait for FrameDone {
    fn prepare(
        &self,
        _device: &wgpu::Device,
        _queue: &wgpu::Queue,
        _screen: &egui_wgpu::ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        _resources: &mut egui_wgpu::CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        if let Some(done) = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            encoder.on_submitted_work_done(done);
        }
        Vec::new()
    }

    fn paint(&self, _info: egui::PaintCallbackInfo, _pass: &mut wgpu::RenderPass<'static>, _resources: &egui_wgpu::CallbackResources) {}
}
