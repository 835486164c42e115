// Two renderers with one interface: WebGL2, and plain canvas where WebGL2 is missing or slow.
//   load(canvas, pixels)      takes the picture from a 2-D canvas; pixels() gives its bytes
//   render(layers, options)   computes the response; options also hold grey and pool
//   paint(look)               shows it; look is {absolute, gain, offset, signed}, see display.js
//   read()                    {width, height, channels, stride, data}: the responses themselves
// Both set `canvas` to the size of the response, one canvas pixel for one response.

class WebGLRenderer {
  /**
   * Throws where WebGL2 with float targets is missing, and, unless `anyway`, where it is only emulated on the
   * processor: there the plain renderer is several times faster.
   */
  constructor(anyway) {
    this.canvas = make("canvas");
    const gl = this.canvas.getContext("webgl2",
      { antialias: false, alpha: false, preserveDrawingBuffer: true, failIfMajorPerformanceCaveat: !anyway });
    if (!gl?.getExtension("EXT_color_buffer_float")) throw new Error("WebGL2 with float targets is missing");
    if (!anyway && emulated(gl)) throw new Error("WebGL2 is only emulated");
    this.gl = gl;
    this.programs = { convolve: this.#program(CONVOLVE), pool: this.#program(POOL), show: this.#program(SHOW) };
    this.picture = this.#texture();
    this.targets = [this.#target(), this.#target()];
    gl.bindVertexArray(gl.createVertexArray());
  }

  load(canvas) {
    const { gl } = this;
    gl.bindTexture(gl.TEXTURE_2D, this.picture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, gl.RGBA, gl.UNSIGNED_BYTE, canvas);
    this.extent = [canvas.width, canvas.height];
  }

  render(layers, options) {
    let input = { texture: this.picture, extent: this.extent };
    layers.forEach((layer, depth) => {
      const extent = input.extent.map((length) => responseLength(length, layer, options));
      input = this.#pass("convolve", input, extent, (set) => {
        const { gl } = this;
        gl.uniform1fv(set("weights[0]"), layer.weights);
        gl.uniform1i(set("size"), layer.size);
        gl.uniform1i(set("border"), BORDERS.indexOf(options.border));
        gl.uniform1i(set("stride"), options.stride);
        gl.uniform1i(set("dilation"), options.dilation);
        gl.uniform1f(set("bias"), layer.bias);
        gl.uniform1i(set("grey"), options.grey && depth === 0);
        gl.uniform1i(set("relu"), layer.relu);
      });
    });
    if (options.pool) input = this.#pass("pool", input, input.extent.map((length) => Math.max(1, length >> 1)));
    this.response = input;
    this.channels = options.grey ? 1 : 3;
  }

  paint(look) {
    const { gl, canvas } = this;
    const [width, height] = this.response.extent;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    this.#draw("show", this.response, [width, height], (set) => {
      gl.uniform3fv(set("stops[0]"), DIVERGING.flat().map((byte) => byte / 255));
      gl.uniform1f(set("gain"), look.gain);
      gl.uniform1f(set("offset"), look.offset);
      gl.uniform1i(set("absolute"), look.absolute);
      gl.uniform1i(set("coloured"), look.signed && this.channels === 1);
    });
  }

  read() {
    const { gl } = this;
    const [width, height] = this.response.extent;
    if (this.pixels?.length !== 4 * width * height) this.pixels = new Float32Array(4 * width * height);
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.response.framebuffer);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.FLOAT, this.pixels);
    return { width, height, channels: this.channels, stride: 4, data: this.pixels };
  }

  /** Draws into whichever target is not being read. */
  #pass(name, input, extent, uniforms) {
    const { gl } = this;
    const target = this.targets.find((candidate) => candidate.texture !== input.texture);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.framebuffer);
    if (target.extent.join() !== extent.join()) {
      gl.bindTexture(gl.TEXTURE_2D, target.texture);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, ...extent, 0, gl.RGBA, gl.FLOAT, null);
      target.extent = extent;
    }
    this.#draw(name, input, extent, uniforms);
    return target;
  }

  #draw(name, input, extent, uniforms) {
    const { gl } = this;
    const program = this.programs[name];
    const set = (uniform) => gl.getUniformLocation(program, uniform);
    gl.useProgram(program);
    gl.viewport(0, 0, ...extent);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, input.texture);
    gl.uniform1i(set("source"), 0);
    gl.uniform2i(set("extent"), ...input.extent);
    uniforms?.(set);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #texture() {
    const { gl } = this;
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
    for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
    return texture;
  }

  #target() {
    const { gl } = this;
    const target = { texture: this.#texture(), framebuffer: gl.createFramebuffer(), extent: [1, 1] };
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, 1, 1, 0, gl.RGBA, gl.FLOAT, null);
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, target.texture, 0);
    return target;
  }

  #program(fragment) {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [kind, code] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, code);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    return program;
  }
}

/** Whether WebGL runs on the processor, as far as the browser tells. */
function emulated(gl) {
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  return Boolean(info) && /swiftshader|llvmpipe|softpipe|software|basic render/i.test(gl.getParameter(info.UNMASKED_RENDERER_WEBGL));
}

class CanvasRenderer {
  constructor() {
    this.canvas = make("canvas");
    this.context = this.canvas.getContext("2d");
  }

  load(canvas, pixels) {
    this.pixels = pixels;
    this.planes = {};
  }

  render(layers, options) {
    const planes = (this.planes[options.grey] ??= planesOf(this.pixels(), options.grey));
    const responses = planes.map((plane) => layers.reduce((input, layer) => convolvePlane(input, layer, options), plane));
    this.responses = options.pool ? responses.map(poolPlane) : responses;
  }

  paint(look) {
    const [{ width, height }] = this.responses;
    if (this.shown?.width !== width || this.shown?.height !== height) {
      Object.assign(this.canvas, { width, height });
      this.shown = this.context.createImageData(width, height);
    }
    paintPlanes(new Uint32Array(this.shown.data.buffer), this.responses.map((plane) => plane.data), look);
    this.context.putImageData(this.shown, 0, 0);
  }

  read() {
    const channels = this.responses.length;
    const [{ width, height, data }] = this.responses;
    if (channels === 1) return { width, height, channels, stride: 1, data };
    const together = new Float32Array(width * height * channels);
    this.responses.forEach((plane, channel) => {
      for (let i = 0, at = channel; i < plane.data.length; i++, at += channels) together[at] = plane.data[i];
    });
    return { width, height, channels, stride: channels, data: together };
  }
}

/** The faster renderer for this browser; `?renderer=canvas` or `?renderer=webgl` in the page's address insists. */
function makeRenderer() {
  const wanted = new URLSearchParams(location.search).get("renderer");
  if (wanted === "canvas") return new CanvasRenderer();
  try {
    return new WebGLRenderer(wanted === "webgl");
  } catch {
    return new CanvasRenderer();
  }
}
