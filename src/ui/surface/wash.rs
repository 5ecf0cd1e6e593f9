//! Smooth colour over a large part of the window: what stands for a picture, and what lies beside one. egui's own
//! shader reads a texture for every pixel, which on a CPU costs more than painting a video there; this one does not.

use std::sync::OnceLock;

use eframe::egui::{self, Color32, Pos2};
use eframe::egui_wgpu::wgpu::util::DeviceExt;
use eframe::egui_wgpu::{self, CallbackTrait, wgpu};

use super::Surfaces;
use super::pipeline::{Parts, pipeline};

/// A mesh of colours.
#[derive(Clone, Debug, Default)]
pub struct Wash {
    /// Place in points and colour of each vertex.
    pub vertices: Vec<(Pos2, Color32)>,
    /// Three for each triangle.
    pub indices: Vec<u32>,
}

impl Wash {
    /// The shape that paints it, clipped by the painter.
    pub fn shape(self, screen: egui::Rect) -> egui::Shape {
        egui_wgpu::Callback::new_paint_callback(screen, Painting { wash: self, buffers: OnceLock::new() }).into()
    }
}

/// As the shader reads it: clip space, then red, green, blue and cover, the first three multiplied by the last.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Vertex {
    at: [f32; 2],
    color: [f32; 4],
}

const ATTRIBUTES: [wgpu::VertexAttribute; 2] = wgpu::vertex_attr_array![0 => Float32x2, 1 => Float32x4];

impl Vertex {
    fn layout() -> wgpu::VertexBufferLayout<'static> {
        wgpu::VertexBufferLayout {
            array_stride: size_of::<Self>() as u64,
            step_mode: wgpu::VertexStepMode::Vertex,
            attributes: &ATTRIBUTES,
        }
    }
}

struct Painting {
    wash: Wash,
    /// Made for the one display frame that it is painted in.
    buffers: OnceLock<(wgpu::Buffer, wgpu::Buffer)>,
}

impl CallbackTrait for Painting {
    fn prepare(
        &self,
        device: &wgpu::Device,
        _queue: &wgpu::Queue,
        screen: &egui_wgpu::ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        _resources: &mut egui_wgpu::CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        #[expect(clippy::cast_precision_loss, reason = "window sizes are far below 2^24")]
        let [width, height] = screen.size_in_pixels.map(|pixels| pixels.max(1) as f32 / screen.pixels_per_point);
        let vertex = |&(at, color): &(Pos2, Color32)| Vertex {
            at: [at.x / width * 2.0 - 1.0, 1.0 - at.y / height * 2.0],
            color: color.to_array().map(|part| f32::from(part) / 255.0),
        };
        let vertices: Vec<_> = self.wash.vertices.iter().map(vertex).collect();
        let buffer =
            |contents, usage| device.create_buffer_init(&wgpu::util::BufferInitDescriptor { label: Some("wash"), contents, usage });
        let made = (
            buffer(bytemuck::cast_slice(&vertices), wgpu::BufferUsages::VERTEX),
            buffer(bytemuck::cast_slice(&self.wash.indices), wgpu::BufferUsages::INDEX),
        );
        // A shape is prepared once.
        let _ = self.buffers.set(made);
        Vec::new()
    }

    fn paint(&self, _info: egui::PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, resources: &egui_wgpu::CallbackResources) {
        let (Some(surfaces), Some((vertices, indices))) = (resources.get::<Surfaces>(), self.buffers.get()) else { return };
        let see_through = self.wash.vertices.iter().any(|(_, color)| !color.is_opaque());
        pass.set_pipeline(if see_through { &surfaces.washes.see_through } else { &surfaces.washes.opaque });
        pass.set_vertex_buffer(0, vertices.slice(..));
        pass.set_index_buffer(indices.slice(..), wgpu::IndexFormat::Uint32);
        pass.draw_indexed(0..u32::try_from(self.wash.indices.len()).unwrap_or(0), 0, 0..1);
    }
}

/// The pipelines that paint every wash.
pub(super) struct Pipelines {
    opaque: wgpu::RenderPipeline,
    see_through: wgpu::RenderPipeline,
}

impl Pipelines {
    pub fn new(device: &wgpu::Device, target: wgpu::TextureFormat) -> Self {
        let shader = device.create_shader_module(wgpu::include_wgsl!("wash.wgsl"));
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor { label: Some("wash"), ..Default::default() });
        let with = |blend| {
            let (entries, topology) = (("place", "colour"), wgpu::PrimitiveTopology::TriangleList);
            let vertices = &[Some(Vertex::layout())];
            pipeline(device, &Parts { label: "wash", shader: &shader, entries, layout: &layout, vertices, topology, blend, target })
        };
        Self { opaque: with(None), see_through: with(Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING)) }
    }
}
