// Colour that runs smoothly from vertex to vertex, and nothing else.

struct Vertex {
    @builtin(position) position: vec4<f32>,
    @location(0) colour: vec4<f32>,
};

@vertex
fn place(@location(0) at: vec2<f32>, @location(1) colour: vec4<f32>) -> Vertex {
    return Vertex(vec4<f32>(at, 0.0, 1.0), colour);
}

@fragment
fn colour(in: Vertex) -> @location(0) vec4<f32> {
    return in.colour;
}
