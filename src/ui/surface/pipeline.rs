//! What every pipeline of a surface has in common.

use eframe::egui_wgpu::wgpu;

/// What one has of its own.
pub(super) struct Parts<'a> {
    /// Its name for who debugs the renderer.
    pub label: &'a str,
    pub shader: &'a wgpu::ShaderModule,
    /// The functions of the shader: of a corner, and of a pixel.
    pub entries: (&'a str, &'a str),
    pub layout: &'a wgpu::PipelineLayout,
    pub vertices: &'a [Option<wgpu::VertexBufferLayout<'a>>],
    pub topology: wgpu::PrimitiveTopology,
    /// `None`: what is painted takes the place of what was there.
    pub blend: Option<wgpu::BlendState>,
    pub target: wgpu::TextureFormat,
}

pub(super) fn pipeline(device: &wgpu::Device, parts: &Parts<'_>) -> wgpu::RenderPipeline {
    let Parts { label, shader, entries, layout, vertices, topology, blend, target } = *parts;
    device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
        label: Some(label),
        layout: Some(layout),
        vertex: wgpu::VertexState {
            module: shader,
            entry_point: Some(entries.0),
            buffers: vertices,
            compilation_options: wgpu::PipelineCompilationOptions::default(),
        },
        fragment: Some(wgpu::FragmentState {
            module: shader,
            entry_point: Some(entries.1),
            targets: &[Some(wgpu::ColorTargetState { format: target, blend, write_mask: wgpu::ColorWrites::ALL })],
            compilation_options: wgpu::PipelineCompilationOptions::default(),
        }),
        primitive: wgpu::PrimitiveState { topology, ..Default::default() },
        depth_stencil: None,
        multisample: wgpu::MultisampleState::default(),
        multiview_mask: None,
        cache: None,
    })
}
