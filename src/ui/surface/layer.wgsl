// A picture laid over what is painted, one texel to a pixel.

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) origin: vec2<i32>,
};

@group(0) @binding(0) var picture: texture_2d<f32>;

@vertex
fn place(@location(0) at: vec2<f32>, @location(1) origin: vec2<i32>) -> Corner {
    return Corner(vec4<f32>(at, 0.0, 1.0), origin);
}

@fragment
fn texel(in: Corner) -> @location(0) vec4<f32> {
    return textureLoad(picture, vec2<i32>(in.position.xy) - in.origin, 0);
}
