// What the graphics processor runs for each pixel; render.js says when.

const VERTEX = `#version 300 es
void main() { gl_Position = vec4(vec2(gl_VertexID & 1, gl_VertexID >> 1) * 4.0 - 1.0, 0.0, 1.0); }`;

const HEAD = `#version 300 es
precision highp float; precision highp int;
uniform highp sampler2D source;
out vec4 result;
`;

const CONVOLVE = `${HEAD}
uniform ivec2 extent;
uniform float weights[49];
uniform int size, border, stride, dilation;
uniform float bias;
uniform bool grey, relu;

int beyond(int at, int side) {
  if (at >= 0 && at < side) return at;
  if (border == 1) return clamp(at, 0, side - 1);
  if (border == 2) return at < 0 ? -at : 2 * (side - 1) - at;
  if (border == 3) return (at + side) % side;
  return -1;
}

void main() {
  ivec2 corner = ivec2(gl_FragCoord.xy) * stride - (border == 4 ? 0 : dilation * (size - 1) / 2);
  vec3 sum = vec3(0.0);
  for (int row = 0; row < size; row++) {
    int y = beyond(corner.y + row * dilation, extent.y);
    if (y < 0) continue;
    for (int column = 0; column < size; column++) {
      int x = beyond(corner.x + column * dilation, extent.x);
      if (x >= 0) sum += weights[row * size + column] * texelFetch(source, ivec2(x, y), 0).rgb;
    }
  }
  if (grey) sum = vec3(dot(sum, vec3(${GREY.join(", ")})));
  sum += bias;
  result = vec4(relu ? max(sum, 0.0) : sum, 1.0);
}`;

const POOL = `${HEAD}
uniform ivec2 extent;
void main() {
  ivec2 at = 2 * ivec2(gl_FragCoord.xy), last = extent - 1;
  vec4 top = max(texelFetch(source, min(at, last), 0), texelFetch(source, min(at + ivec2(1, 0), last), 0));
  vec4 low = max(texelFetch(source, min(at + ivec2(0, 1), last), 0), texelFetch(source, min(at + 1, last), 0));
  result = max(top, low);
}`;

const SHOW = `${HEAD}
uniform ivec2 extent;
uniform vec3 stops[5];
uniform float gain, offset;
uniform bool absolute, coloured;
void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  vec3 value = texelFetch(source, ivec2(at.x, extent.y - 1 - at.y), 0).rgb;
  vec3 shown = (absolute ? abs(value) : value) * gain + offset;
  if (coloured) {
    float place = (clamp(shown.r, -1.0, 1.0) + 1.0) * 2.0;
    int lower = min(3, int(place));
    shown = mix(stops[lower], stops[lower + 1], place - float(lower));
  }
  result = vec4(clamp(shown, 0.0, 1.0), 1.0);
}`;
