// The marks of the classes: a shape and a colour each, told apart by colour-blind eyes too.

// Okabe and Ito's palette, its blue lighter for dark pages, without its yellow, which a light page swallows
const COLOURS = ["#2a8fd0", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c"];
const SHAPES = 6;

function trace(context, shape, x, y, r) {
  const corners = (count, turn) => {
    for (let i = 0; i < count; i++) context.lineTo(x + r * 1.2 * Math.sin(turn + (2 * Math.PI * i) / count), y - r * 1.2 * Math.cos(turn + (2 * Math.PI * i) / count));
    context.closePath();
  };
  context.beginPath();
  if (shape === 0) context.arc(x, y, r, 0, 2 * Math.PI);
  else if (shape === 1) corners(4, Math.PI / 4);
  else if (shape === 2) corners(3, 0);
  else if (shape === 3) corners(4, 0);
  else if (shape === 4) corners(3, Math.PI);
  else corners(6, 0);
}

/** A class's mark; photos held out are hollow. */
function mark(context, label, x, y, r, hollow) {
  trace(context, label % SHAPES, x, y, r);
  context.strokeStyle = context.fillStyle = COLOURS[label % COLOURS.length];
  context.lineWidth = 1.6;
  context.stroke();
  if (!hollow) { context.globalAlpha = 0.75; context.fill(); context.globalAlpha = 1; }
}
