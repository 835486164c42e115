// The engine as tests and notebooks reach it, without touching its buttons.

/**
 * What tests and notebooks may use, as `element.whiskers`. Everything takes effect at once.
 *   setImage(bytes, width, height)   RGB bytes, row by row
 *   setKernel(name, ...more)         presets, or {size, cells, divide, bias}: up to three in a row
 *   setOptions({...})                any of state.options
 *   readResponse()                   {width, height, channels, data}: the responses, channels side by side
 *   readCanvas()                     {width, height, data}: the RGBA bytes on the canvas
 */
const whiskers = {
  renderer: () => renderer.constructor.name,
  setImage(bytes, width, height) {
    const image = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) image.data.set([bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2], 255], 4 * i);
    const canvas = Object.assign(make("canvas"), { width, height });
    canvas.getContext("2d").putImageData(image, 0, 0);
    sources.halt();
    showPicture(canvas, width, height, "");
    draw();
  },
  setKernel(...kernels) {
    const own = (kernel) => ({ name: null, divide: 1, bias: 0, ...kernel });
    replace(kernels.map((kernel) => (typeof kernel === "string" ? presetKernel(kernel) : own(kernel))), 0);
    draw();
  },
  setOptions(options) {
    Object.assign(state.options, options);
    draw();
  },
  readResponse() {
    const { width, height, channels, stride, data } = renderer.read();
    const values = Array.from({ length: width * height * channels },
      (_, i) => data[Math.floor(i / channels) * stride + (i % channels)]);
    return { width, height, channels, data: values };
  },
  readCanvas() {
    const { width, height } = renderer.canvas;
    const copy = Object.assign(make("canvas"), { width, height }).getContext("2d", { willReadFrequently: true });
    copy.drawImage(renderer.canvas, 0, 0);
    return { width, height, data: [...copy.getImageData(0, 0, width, height).data] };
  },
};
