// A low sun over a slow swell.
const float LINE = 0.12;
const vec2 SUN = vec2(-0.07, 0.235);
vec3 sky(vec2 p) {
    float h = clamp((p.y - LINE) / (1.0 - LINE), 0.0, 1.0);
    vec3 c = mix(vec3(0.98, 0.40, 0.17), vec3(0.88, 0.28, 0.26), smoothstep(0.0, 0.16, h));
    c = mix(c, vec3(0.50, 0.20, 0.36), smoothstep(0.10, 0.42, h));
    c = mix(c, vec3(0.13, 0.10, 0.27), smoothstep(0.32, 0.72, h));
    c = mix(c, vec3(0.035, 0.04, 0.13), smoothstep(0.62, 1.0, h));
    float d = length(p - SUN);
    c += vec3(1.0, 0.55, 0.20) * (0.34 * exp(-d * 3.2) + 0.50 * exp(-d * 11.0));
    return c;
}
vec3 clouds(vec2 p, vec3 c) {
    float h = p.y - LINE;
    vec2 q = vec2(p.x * 1.1, 0.0) + vec2(0.0, 1.6 * log(h + 0.16) * 2.6);
    float thick = drift(q * vec2(1.0, 1.7) + 2.0, vec2(0.22, 0.0));
    float cover = smoothstep(0.50, 0.78, thick + 0.05 * sin(h * 9.0)) * smoothstep(0.02, 0.16, h) * (1.0 - 0.6 * smoothstep(0.5, 0.9, h));
    float d = length(p - SUN);
    vec3 lit = mix(vec3(1.0, 0.46, 0.28), vec3(0.42, 0.20, 0.36), smoothstep(0.1, 0.75, h));
    vec3 body = mix(vec3(0.45, 0.17, 0.24), vec3(0.10, 0.08, 0.20), smoothstep(0.0, 0.7, h));
    float edge = smoothstep(0.78, 0.52, thick);
    return mix(c, mix(body, lit * (1.0 + 0.8 * exp(-d * 3.0)), edge), cover * 0.85);
}
// The slope of the water: waves of whole numbers of turns in a loop.
vec2 slope(vec2 g, float far) {
    vec2 s = vec2(0);
    g += 0.30 * (vec2(boil(g * 0.8, u * 2.0, 2.0), boil(g * 0.8 + 5.0, u * 2.0, 2.0)) - 0.5);
    g += 0.06 * (vec2(boil(g * 3.1, u * 3.0, 3.0), boil(g * 3.1 + 5.0, u * 3.0, 3.0)) - 0.5);
    for (int k = 0; k < 22; k++) {
        float f = float(k), len = 2.1 * pow(0.855, f);
        float a = (hash(f * 1.7 + 3.0) - 0.5) * 2.3 + 1.5708;
        vec2 dir = vec2(cos(a), sin(a));
        float turns = max(1.0, floor(0.85 / sqrt(len) + 0.5));
        // Waves smaller than what a pixel covers would only flicker.
        float steep = (f < 6.0 ? 0.036 : 0.056) * smoothstep(0.035, 0.13, len / far);
        float phase = TAU * (dot(g, dir) / len + turns * u + hash(f + 11.0)) + 0.9 * sin(TAU * (dot(g, dir.yx) / (len * 3.1) + hash(f)));
        s += dir * steep * cos(phase);
    }
    return s;
}
vec3 scene(vec2 p) {
    vec3 c;
    if (p.y > LINE) {
        c = clouds(p, sky(p));
        float d = length(p - SUN);
        c = mix(c, vec3(3.4, 2.5, 1.35), soft(0.004, 0.085 - d));
    } else {
        float y = LINE - p.y;
        float dist = 0.34 / (y + 0.012);
        vec2 g = vec2(p.x * dist * 2.6, dist * 2.2);
        vec2 s = slope(g, dist) * mix(0.85, 0.55, smoothstep(0.6, 6.0, dist));
        vec3 n = normalize(vec3(-s.x, 1.0, -s.y));
        vec3 eye = normalize(vec3(p.x, -y * 0.9 - 0.015, 1.3));
        vec3 r = reflect(eye, n);
        r.y = abs(r.y);
        vec2 at = vec2(atan(r.x, max(r.z, 0.05)) * 1.25, LINE + 0.02 + asin(clamp(r.y, 0.0, 1.0)) * 1.05);
        float fresnel = 0.03 + 0.97 * pow(1.0 - clamp(dot(-eye, n), 0.0, 1.0), 4.0);
        vec3 mirrored = sky(at);
        vec3 water = mix(vec3(0.040, 0.040, 0.100), vec3(0.115, 0.080, 0.150), clamp(0.5 - s.y * 4.0, 0.0, 1.0));
        c = mix(water, mirrored * 0.92, clamp(fresnel * 1.15, 0.0, 1.0));
        vec3 sun = normalize(vec3(SUN.x, SUN.y - LINE + 0.02, 1.3));
        float spark = max(dot(r, sun), 0.0);
        c += vec3(1.0, 0.60, 0.26) * (pow(spark, 700.0) * 1.5 + pow(spark, 90.0) * 0.22);
        c = mix(c, vec3(0.98, 0.42, 0.22), 0.62 * exp(-y * 26.0));
    }
    return filmic(c * 0.92);
}
