// The two trained networks, run in the browser: the same sums as core.digit_networks.

const SIDE = 28; // pixels
const CLASSES = 10;

/** Weights {name: {shape, values}} from {shapes: [[name, shape], ...], data: base64 of float32, little-endian}. */
function unpacked({ shapes, data }) {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const all = new Float32Array(bytes.buffer);
  let at = 0;
  return Object.fromEntries(shapes.map(([name, shape]) => {
    const count = shape.reduce((product, length) => product * length, 1);
    at += count;
    return [name, { shape, values: all.subarray(at - count, at) }];
  }));
}

/** Adds one plane (side x side), slid under a kernel (k x k) with zeros beyond the border, to `sums`. */
function addConvolved(sums, plane, side, kernel, k) {
  const reach = k >> 1;
  for (let row = 0; row < k; row++)
    for (let column = 0; column < k; column++) {
      const weight = kernel[row * k + column];
      const [down, right] = [row - reach, column - reach];
      const [left, last] = [Math.max(0, -right), Math.min(side, side - right)];
      for (let y = Math.max(0, -down); y < Math.min(side, side - down); y++)
        for (let x = left, at = y * side + left, from = (y + down) * side + left + right; x < last; x++, at++, from++)
          sums[at] += weight * plane[from];
    }
  return sums;
}

/** A convolution layer with ReLU: planes in, planes out. */
function convolutionLayer(planes, side, { shape, values }, bias) {
  const [outputs, inputs, k] = shape;
  return Array.from({ length: outputs }, (_, output) => {
    const sums = new Float32Array(side * side).fill(bias.values[output]);
    for (let input = 0; input < inputs; input++)
      addConvolved(sums, planes[input], side, values.subarray((output * inputs + input) * k * k, (output * inputs + input + 1) * k * k), k);
    return sums.map((sum) => Math.max(0, sum));
  });
}

/** The largest of every 2 x 2. */
function halved(plane, side) {
  const half = side >> 1;
  return Float32Array.from({ length: half * half }, (_, i) => {
    const at = 2 * Math.floor(i / half) * side + 2 * (i % half);
    return Math.max(plane[at], plane[at + 1], plane[at + side], plane[at + side + 1]);
  });
}

/** Outputs of a linear layer as probabilities. */
function softmaxOf(inputs, { values }, bias) {
  const logits = Array.from(bias.values, (start, output) =>
    inputs.reduce((sum, input, i) => sum + input * values[output * inputs.length + i], start));
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Ten probabilities of the convolutional network for an image (784 values in [0, 1]). */
function networkAnswer(weights, image) {
  const layer = (name) => [weights[`network.${name}.weight`], weights[`network.${name}.bias`]];
  const once = convolutionLayer([image], SIDE, ...layer("conv1")).map((plane) => halved(plane, SIDE));
  const twice = convolutionLayer(once, SIDE / 2, ...layer("conv2")).map((plane) => halved(plane, SIDE / 2));
  const last = convolutionLayer(twice, SIDE / 4, ...layer("conv3"));
  return softmaxOf(last.map((plane) => Math.max(...plane)), ...layer("linear"));
}

/** Ten probabilities of the perceptron. */
const perceptronAnswer = (weights, image) =>
  softmaxOf([...image], weights["perceptron.linear.weight"], weights["perceptron.linear.bias"]);
