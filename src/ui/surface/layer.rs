//! A picture that was painted on the CPU, laid over everything below it one texel to a pixel. It stays on the GPU; what
//! has changed of it comes as patches.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use eframe::egui::{self, Color32};
use eframe::egui_wgpu::{self, CallbackTrait, wgpu};

use super::Surfaces;
use super::part::Part;
use super::pipeline::{Parts, pipeline};

/// A part of the picture that has changed.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// Its top left corner in pixels of the picture.
    pub at: (usize, usize),
    /// Width and height in pixels.
    pub size: (usize, usize),
    /// Its pixels, row by row.
    pub pixels: Vec<Color32>,
}

/// The picture as it is to be painted in one display frame.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Its top left corner in pixels of the window.
    pub origin: (i32, i32),
    /// Width and height in pixels. In a size that is new the first patch has to be the whole of it.
    pub size: (usize, usize),
    /// The rows of it that hide whatever lies below, from the first to the one after the last: nothing has to be painted there.
    pub solid: Range<usize>,
    /// What has changed since a frame was painted last: not every frame that is laid out is painted.
    pub patches: Arc<Mutex<Vec<Patch>>>,
}

impl Layer {
    /// The shape that paints it.
    pub fn shape(self, screen: egui::Rect) -> egui::Shape {
        egui_wgpu::Callback::new_paint_callback(screen, self).into()
    }
}

#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Vertex {
    at: [f32; 2],
    origin: [i32; 2],
}

const ATTRIBUTES: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Float32x2, 1 => Sint32x2];

impl Vertex {
    fn layout() -> wgpu::VertexBufferLayout<'static> {
        wgpu::VertexBufferLayout {
            array_stride: size_of::<Self>() as u64,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &ATTRIBUTES,
        }
    }
}

/// The picture on the GPU.
struct Kept {
    texture: wgpu::Texture,
    bindings: wgpu::BindGroup,
    /// Where it goes: its origin and the window's size in pixels that `corners` are made for.
    placed: Option<((i32, i32), [u32; 2])>,
    /// The part of the window, in pixels, in which it hides whatever lies below.
    solid: Part,
    corners: wgpu::Buffer,
}

/// The pipelines and the one picture they paint.
pub(super) struct Layers {
    opaque: wgpu::RenderPipeline,
    see_through: wgpu::RenderPipeline,
    bindings: wgpu::BindGroupLayout,
    kept: Option<Kept>,
    /// It is part of the display frame that is being painted, and its turn has not come.
    is_coming: AtomicBool,
}

impl Layers {
    pub fn new(device: &wgpu::Device, target: wgpu::TextureFormat) -> Self {
        let shader = device.create_shader_module(wgpu::include_wgsl!("layer.wgsl"));
        let bindings = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("layer"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Texture {
                    sample_type: wgpu::TextureSampleType::Float { filterable: false },
                    view_dimension: wgpu::TextureViewDimension::D2,
                    multisampled: false,
                },
                count: None,
            }],
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("layer"),
            bind_group_layouts: &[Some(&bindings)],
            ..Default::default()
        });
        let with = |blend| {
            let (entries, topology) = (("place", "texel"), wgpu::PrimitiveTopology::TriangleStrip);
            let vertices = &[Some(Vertex::layout())];
            pipeline(device, &Parts { label: "layer", shader: &shader, entries, layout: &layout, vertices, topology, blend, target })
        };
        let (opaque, see_through) = (with(None), with(Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING)));
        Self { opaque, see_through, bindings, kept: None, is_coming: AtomicBool::new(false) }
    }

    /// The part of the window in which nothing that is painted now will be seen.
    pub fn covered(&self) -> Part {
        let kept = self.kept.as_ref().filter(|_| self.is_coming.load(Ordering::Relaxed));
        kept.map_or_else(Part::default, |kept| kept.solid.clone())
    }

    fn keep(&mut self, device: &wgpu::Device, size: (u32, u32)) -> &mut Kept {
        let kept = self.kept.take().filter(|kept| (kept.texture.width(), kept.texture.height()) == size);
        self.kept.insert(kept.unwrap_or_else(|| {
            let texture = device.create_texture(&wgpu::TextureDescriptor {
                label: Some("layer"),
                size: wgpu::Extent3d { width: size.0, height: size.1, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba8Unorm,
                usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
                view_formats: &[],
            });
            let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
            let entries = [wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::TextureView(&view) }];
            let bindings =
                device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("layer"), layout: &self.bindings, entries: &entries });
            let corners = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("layer"),
                size: 4 * size_of::<Vertex>() as u64,
                usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            Kept { texture, bindings, placed: None, solid: Part::default(), corners }
        }))
    }
}

impl Kept {
    fn fill(&self, queue: &wgpu::Queue, patch: &Patch) {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let (width, height) = (number(patch.size.0), number(patch.size.1));
        if width == 0 || height == 0 {
            return;
        }
        let to = wgpu::TexelCopyTextureInfo {
            origin: wgpu::Origin3d { x: number(patch.at.0), y: number(patch.at.1), z: 0 },
            ..self.texture.as_image_copy()
        };
        let rows = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(width * 4), rows_per_image: None };
        let size = wgpu::Extent3d { width, height, depth_or_array_layers: 1 };
        queue.write_texture(to, bytemuck::cast_slice(&patch.pixels), rows, size);
    }

    fn place(&mut self, queue: &wgpu::Queue, origin: (i32, i32), screen: [u32; 2]) {
        if self.placed == Some((origin, screen)) {
            return;
        }
        self.placed = Some((origin, screen));
        #[expect(clippy::cast_precision_loss, reason = "window sizes are far below 2^24")]
        let [width, height] = screen.map(|pixels| pixels.max(1) as f32);
        #[expect(clippy::cast_precision_loss, reason = "window sizes are far below 2^24")]
        let (left, top, wide, high) = (origin.0 as f32, origin.1 as f32, self.texture.width() as f32, self.texture.height() as f32);
        let corner = |x: f32, y: f32| Vertex {
            at: [(left + x * wide) / width * 2.0 - 1.0, 1.0 - (top + y * high) / height * 2.0],
            origin: [origin.0, origin.1],
        };
        let corners = [corner(0.0, 0.0), corner(1.0, 0.0), corner(0.0, 1.0), corner(1.0, 1.0)];
        queue.write_buffer(&self.corners, 0, bytemuck::cast_slice(&corners));
    }
}

impl CallbackTrait for Layer {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &egui_wgpu::ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut egui_wgpu::CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let size = (u32::try_from(self.size.0).unwrap_or(0), u32::try_from(self.size.1).unwrap_or(0));
        if let Some(surfaces) = resources.get_mut::<Surfaces>().filter(|_| size.0 > 0 && size.1 > 0) {
            let kept = surfaces.layers.keep(device, size);
            kept.place(queue, self.origin, screen.size_in_pixels);
            kept.solid = Part::within(self.origin, 0..self.size.0, self.solid.clone(), screen.size_in_pixels);
            for patch in self.patches.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
                kept.fill(queue, &patch);
            }
            surfaces.layers.is_coming.store(true, Ordering::Relaxed);
        }
        Vec::new()
    }

    fn paint(&self, info: egui::PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &egui_wgpu::CallbackResources) {
        let Some(Surfaces { layers, .. }) = resources.get::<Surfaces>() else { return };
        let Some(kept) = layers.kept.as_ref().filter(|_| layers.is_coming.swap(false, Ordering::Relaxed)) else { return };
        pass.set_bind_group(0, &kept.bindings, &[]);
        pass.set_vertex_buffer(0, kept.corners.slice(..));
        let all = Part::within(self.origin, 0..self.size.0, 0..self.size.1, info.screen_size_px);
        let around = all.without(&kept.solid).map(|part| (part, &layers.see_through));
        for (part, pipeline) in around.chain([(kept.solid.clone(), &layers.opaque)]).filter(|(part, _)| !part.is_empty()) {
            pass.set_pipeline(pipeline);
            pass.set_scissor_rect(
                part.columns.start,
                part.rows.start,
                part.columns.end - part.columns.start,
                part.rows.end - part.rows.start,
            );
            pass.draw(0..4, 0..1);
        }
    }
}
