//! The textures of one picture, and the three pipelines that can read them.

use eframe::egui_wgpu::wgpu;

use super::part::Part;
use super::pipeline::{Parts, pipeline};
use super::uniforms::{Look, Quad, Shade, Uniforms};
use crate::player::{Frame, Picture, PlaneFormat};

/// How a picture is read: which pipeline, which bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    ReadyMade,
    Planes,
    WidePlanes,
}

/// The pipelines and what they bind.
pub(super) struct Layouts {
    ready_made: Route,
    /// The same bindings read one texel to a pixel, upright: with the scrims, and without.
    exact: (wgpu::RenderPipeline, wgpu::RenderPipeline),
    planes: Route,
    wide_planes: Route,
    sampler: wgpu::Sampler,
}

struct Route {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::PipelineLayout,
    bindings: wgpu::BindGroupLayout,
    first_texture: u32,
    textures: u32,
}

impl Layouts {
    pub fn new(device: &wgpu::Device, target: wgpu::TextureFormat) -> Self {
        let shader = device.create_shader_module(wgpu::include_wgsl!("shader.wgsl"));
        let filtered = wgpu::TextureSampleType::Float { filterable: true };
        let ready_made = Route::new(device, &shader, target, "ready_made", (2, 1), filtered);
        let exact = |entry| picture_pipeline(device, &shader, target, entry, &ready_made.layout);
        Self {
            exact: (exact("exact_shaded"), exact("exact")),
            ready_made,
            planes: Route::new(device, &shader, target, "planes", (2, 3), filtered),
            wide_planes: Route::new(device, &shader, target, "wide_planes", (5, 3), wgpu::TextureSampleType::Uint),
            sampler: device.create_sampler(&wgpu::SamplerDescriptor {
                label: Some("video"),
                mag_filter: wgpu::FilterMode::Linear,
                min_filter: wgpu::FilterMode::Linear,
                ..Default::default()
            }),
        }
    }

    fn route(&self, reading: Reading) -> &Route {
        match reading {
            Reading::ReadyMade => &self.ready_made,
            Reading::Planes => &self.planes,
            Reading::WidePlanes => &self.wide_planes,
        }
    }
}

impl Route {
    fn new(
        device: &wgpu::Device,
        shader: &wgpu::ShaderModule,
        target: wgpu::TextureFormat,
        entry: &'static str,
        (first_texture, textures): (u32, u32),
        sample_type: wgpu::TextureSampleType,
    ) -> Self {
        let mut entries = vec![
            wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer { ty: wgpu::BufferBindingType::Uniform, has_dynamic_offset: false, min_binding_size: None },
                count: None,
            },
            wgpu::BindGroupLayoutEntry {
                binding: 1,
                visibility: wgpu::ShaderStages::FRAGMENT,
                ty: wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering),
                count: None,
            },
        ];
        entries.extend((first_texture..first_texture + textures).map(|binding| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Texture { sample_type, view_dimension: wgpu::TextureViewDimension::D2, multisampled: false },
            count: None,
        }));
        let bindings = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(entry), entries: &entries });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some(entry),
            bind_group_layouts: &[Some(&bindings)],
            ..Default::default()
        });
        Self { pipeline: picture_pipeline(device, shader, target, entry, &layout), layout, bindings, first_texture, textures }
    }
}

fn picture_pipeline(
    device: &wgpu::Device,
    shader: &wgpu::ShaderModule,
    target: wgpu::TextureFormat,
    entry: &str,
    layout: &wgpu::PipelineLayout,
) -> wgpu::RenderPipeline {
    let (entries, topology) = (("corner", entry), wgpu::PrimitiveTopology::TriangleStrip);
    pipeline(device, &Parts { label: entry, shader, entries, layout, vertices: &[], topology, blend: None, target })
}

/// The textures of one picture.
pub(super) struct PictureTextures {
    reading: Reading,
    look: Look,
    textures: Vec<wgpu::Texture>,
    uniforms: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

impl PictureTextures {
    pub fn new(layouts: &Layouts, device: &wgpu::Device, frame: &Frame) -> Self {
        let (reading, shapes) = shapes_of(frame);
        let textures: Vec<_> = shapes
            .iter()
            .map(|&(width, height, format)| {
                device.create_texture(&wgpu::TextureDescriptor {
                    label: Some("video"),
                    size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                    mip_level_count: 1,
                    sample_count: 1,
                    dimension: wgpu::TextureDimension::D2,
                    format,
                    usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
                    view_formats: &[],
                })
            })
            .collect();
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("video"),
            size: size_of::<Uniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let route = layouts.route(reading);
        // Two planes (NV12, P010): the third binding reads the second again and is not looked at.
        let views: Vec<_> = (0..route.textures as usize)
            .map(|index| textures[index.min(textures.len() - 1)].create_view(&wgpu::TextureViewDescriptor::default()))
            .collect();
        let mut entries = vec![
            wgpu::BindGroupEntry { binding: 0, resource: uniforms.as_entire_binding() },
            wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&layouts.sampler) },
        ];
        entries.extend(
            (route.first_texture..)
                .zip(&views)
                .map(|(binding, view)| wgpu::BindGroupEntry { binding, resource: wgpu::BindingResource::TextureView(view) }),
        );
        let bindings =
            device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some("video"), layout: &route.bindings, entries: &entries });
        Self { reading, look: look_of(frame), textures, uniforms, bindings }
    }

    /// Whether `frame` has the size, the layout and the colours these textures were made for.
    pub fn fits(&self, frame: &Frame) -> bool {
        self.look == look_of(frame) && self.reading == shapes_of(frame).0
    }

    pub fn fill(&self, queue: &wgpu::Queue, frame: &Frame) {
        for (index, texture) in self.textures.iter().enumerate() {
            let (bytes, stride) = match &frame.picture {
                Picture::Rgba(pixels) => (pixels.as_slice(), frame.coded.0 * 4),
                Picture::Planes { data, .. } => (data.plane(index), u32::try_from(data.stride(index)).unwrap_or(u32::MAX)),
            };
            let needed = u64::from(stride) * u64::from(texture.height() - 1)
                + u64::from(texture.width()) * u64::from(texture.format().block_copy_size(None).unwrap_or(1));
            if (bytes.len() as u64) < needed {
                // A buffer shorter than its caps promise: the old picture stays.
                tracing::warn!(plane = index, have = bytes.len(), needed, "a picture is shorter than it says");
                return;
            }
            queue.write_texture(
                texture.as_image_copy(),
                bytes,
                wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(stride), rows_per_image: None },
                texture.size(),
            );
        }
    }

    /// Says where on the screen the next draw goes.
    pub fn place(&self, queue: &wgpu::Queue, quad: &Quad, shade: Shade) {
        queue.write_buffer(&self.uniforms, 0, bytemuck::bytes_of(&self.look.on_quad(quad, shade)));
    }

    /// Draws it where it was placed, within `clip` (left, top, width, height in pixels). What will be `covered` may be left out.
    pub fn draw(
        &self,
        layouts: &Layouts,
        pass: &mut wgpu::RenderPass<'static>,
        quad: &Quad,
        shade: &Shade,
        clip: [u32; 4],
        covered: &Part,
    ) {
        pass.set_bind_group(0, &self.bindings, &[]);
        if !(self.look.is_exact_on(quad) && self.reading == Reading::ReadyMade) {
            pass.set_pipeline(&layouts.route(self.reading).pipeline);
            pass.draw(0..4, 0..1);
            return;
        }
        // Most rows lie under no scrim: a renderer on the CPU paints them in half the time when it need not work that out.
        let [left, top, width, height] = clip;
        for (rows, shaded) in shade.bands(top..top + height) {
            pass.set_pipeline(if shaded { &layouts.exact.0 } else { &layouts.exact.1 });
            for Part { columns, rows } in (Part { columns: left..left + width, rows }).without(covered) {
                pass.set_scissor_rect(columns.start, rows.start, columns.end - columns.start, rows.end - rows.start);
                pass.draw(0..4, 0..1);
            }
        }
    }
}

fn look_of(frame: &Frame) -> Look {
    let planes = match &frame.picture {
        Picture::Planes { format, color, .. } => Some((*format, *color)),
        Picture::Rgba(_) => None,
    };
    Look { size: frame.coded, rotation: frame.rotation, planes }
}

/// Width, height and format of each texture of a picture.
fn shapes_of(frame: &Frame) -> (Reading, Vec<(u32, u32, wgpu::TextureFormat)>) {
    use wgpu::TextureFormat as Texture;
    let (width, height) = (frame.coded.0.max(1), frame.coded.1.max(1));
    let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
    match &frame.picture {
        Picture::Rgba(_) => (Reading::ReadyMade, vec![(width, height, Texture::Rgba8Unorm)]),
        Picture::Planes { format, .. } => {
            let (reading, luma, chroma, planes) = match format {
                PlaneFormat::I420 => (Reading::Planes, Texture::R8Unorm, Texture::R8Unorm, 2),
                PlaneFormat::Nv12 => (Reading::Planes, Texture::R8Unorm, Texture::Rg8Unorm, 1),
                PlaneFormat::I42010 => (Reading::WidePlanes, Texture::R16Uint, Texture::R16Uint, 2),
                PlaneFormat::P01010 => (Reading::WidePlanes, Texture::R16Uint, Texture::Rg16Uint, 1),
            };
            let mut shapes = vec![(width, height, luma)];
            shapes.extend(std::iter::repeat_n((half_width, half_height, chroma), planes));
            (reading, shapes)
        }
    }
}
