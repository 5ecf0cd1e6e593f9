// One quad of video: decoder planes (8 or 10 bit) or RGBA, turned upright and read as colours.
// The uniforms are made in uniforms.rs.

struct Uniforms {
    quad: vec4<f32>,        // left, top, right, bottom in clip space
    turn: vec4<f32>,        // upright (u, v) → coded (u, v): a 2 × 2 matrix by rows …
    shift: vec4<f32>,       // … and an offset; then width and height of the coded picture in texels
    red: vec4<f32>,         // (Y, Cb, Cr, 1) → R
    green: vec4<f32>,
    blue: vec4<f32>,
    kind: vec4<u32>,        // x: chroma is interleaved; y: bits to shift 16-bit samples right; z: texels fall on pixels
    scale: vec4<f32>,       // x: 1 / largest sample value of 16-bit planes
    shade: vec4<f32>,       // top: row where it ends, 1 / rows, strength; then the row where the bottom one begins
    shade_more: vec4<f32>,  // bottom: 1 / rows, strength
    origin: vec4<i32>,      // left and top of the quad in pixels
};

@group(0) @binding(0) var<uniform> uniforms: Uniforms;
@group(0) @binding(1) var linear: sampler;
@group(0) @binding(2) var plane0: texture_2d<f32>;
@group(0) @binding(3) var plane1: texture_2d<f32>;
@group(0) @binding(4) var plane2: texture_2d<f32>;
@group(0) @binding(5) var wide0: texture_2d<u32>;
@group(0) @binding(6) var wide1: texture_2d<u32>;
@group(0) @binding(7) var wide2: texture_2d<u32>;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
};

@vertex
fn corner(@builtin(vertex_index) index: u32) -> Corner {
    let upright = vec2<f32>(f32(index & 1u), f32(index >> 1u));
    var out: Corner;
    out.position = vec4<f32>(mix(uniforms.quad.xy, uniforms.quad.zw, upright), 0.0, 1.0);
    out.uv = vec2<f32>(dot(uniforms.turn.xy, upright), dot(uniforms.turn.zw, upright)) + uniforms.shift.xy;
    return out;
}

// The scrims under the words, as part of the picture: a second layer to blend would cost as much as the first.
fn shaded(colour: vec4<f32>, row: f32) -> vec4<f32> {
    let top = clamp((uniforms.shade.x - row) * uniforms.shade.y, 0.0, 1.0) * uniforms.shade.z;
    let bottom = clamp((row - uniforms.shade.w) * uniforms.shade_more.x, 0.0, 1.0) * uniforms.shade_more.y;
    return vec4<f32>(colour.rgb * ((1.0 - top) * (1.0 - bottom)), colour.a);
}

fn rgb(y: f32, chroma: vec2<f32>) -> vec4<f32> {
    let sample = vec4<f32>(y, chroma, 1.0);
    let colour = vec3<f32>(dot(uniforms.red, sample), dot(uniforms.green, sample), dot(uniforms.blue, sample));
    return vec4<f32>(clamp(colour, vec3<f32>(0.0), vec3<f32>(1.0)), 1.0);
}

// Planes of 8 bits.
@fragment
fn planes(in: Corner) -> @location(0) vec4<f32> {
    let y = textureSampleLevel(plane0, linear, in.uv, 0.0).r;
    var chroma = textureSampleLevel(plane1, linear, in.uv, 0.0).rg;
    if uniforms.kind.x == 0u {
        chroma.y = textureSampleLevel(plane2, linear, in.uv, 0.0).r;
    }
    return shaded(rgb(y, chroma), in.position.y);
}

// A picture that was made to size on the CPU: texels are read one to one, without a filter. Only while the
// window has just been resized, or where the video is smaller than its place, is it filtered.
@fragment
fn ready_made(in: Corner) -> @location(0) vec4<f32> {
    if uniforms.kind.z == 0u {
        return shaded(textureSampleLevel(plane0, linear, in.uv, 0.0), in.position.y);
    }
    let size = uniforms.shift.zw;
    let texel = clamp(in.uv * size, vec2<f32>(0.0), size - vec2<f32>(1.0));
    return shaded(textureLoad(plane0, vec2<i32>(texel), 0), in.position.y);
}

// The same where texels are pixels, and the picture stands upright as it lies: nothing is left to work out.
@fragment
fn exact(in: Corner) -> @location(0) vec4<f32> {
    return textureLoad(plane0, vec2<i32>(in.position.xy) - uniforms.origin.xy, 0);
}

@fragment
fn exact_shaded(in: Corner) -> @location(0) vec4<f32> {
    return shaded(textureLoad(plane0, vec2<i32>(in.position.xy) - uniforms.origin.xy, 0), in.position.y);
}

// Integer textures cannot be filtered by the sampler: four loads and a mix.
fn wide(plane: texture_2d<u32>, uv: vec2<f32>) -> vec2<f32> {
    let size = vec2<f32>(textureDimensions(plane));
    let at = uv * size - vec2<f32>(0.5);
    let low = floor(at);
    let part = at - low;
    let a = vec2<i32>(clamp(low, vec2<f32>(0.0), size - vec2<f32>(1.0)));
    let b = vec2<i32>(clamp(low + vec2<f32>(1.0), vec2<f32>(0.0), size - vec2<f32>(1.0)));
    let s = uniforms.kind.y;
    let p00 = vec2<f32>(textureLoad(plane, vec2<i32>(a.x, a.y), 0).rg >> vec2<u32>(s));
    let p10 = vec2<f32>(textureLoad(plane, vec2<i32>(b.x, a.y), 0).rg >> vec2<u32>(s));
    let p01 = vec2<f32>(textureLoad(plane, vec2<i32>(a.x, b.y), 0).rg >> vec2<u32>(s));
    let p11 = vec2<f32>(textureLoad(plane, vec2<i32>(b.x, b.y), 0).rg >> vec2<u32>(s));
    return mix(mix(p00, p10, part.x), mix(p01, p11, part.x), part.y) * uniforms.scale.x;
}

// Planes of 16 bits that carry 10.
@fragment
fn wide_planes(in: Corner) -> @location(0) vec4<f32> {
    let y = wide(wide0, in.uv).r;
    var chroma = wide(wide1, in.uv);
    if uniforms.kind.x == 0u {
        chroma.y = wide(wide2, in.uv).r;
    }
    return shaded(rgb(y, chroma), in.position.y);
}
