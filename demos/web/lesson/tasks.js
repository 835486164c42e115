// When a task of a tab is done. Each is asked with all that the tab's components told by did() in common.js: by its
// kind a list of what happened, oldest first. The sentences stand in texts/<language>/<tab>.yaml under lesson.tasks.

const TASKS = {
  kernels: [
    ({ kernel = [] }) => kernel.some(answersOnlyLying),
    ({ kernel = [] }) => kernel.some((each) => each.own && leavesFlatEmpty(each)),
    ({ guess = [] }) => guess.includes("right"),
  ],
  feature_maps: [  // depth: 0 is the first convolution, 1 the last
    ({ depth = [] }) => depth.includes(0) && depth.includes(1),
    ({ place = [], want = [] }) => place.length > 0 && want.some((depth) => depth > 0.6),
    ({ answer = [] }) => answer.includes("changed"),
  ],
  finetune: [
    ({ trained = [] }) => trained.some((photos) => photos !== "textures"),  // the worked example
    ({ cell = [] }) => cell.includes("wrong"),
    ({ photo = [] }) => photo.includes("novel"),
  ],
  ideal_image: [  // looked_back: share of the drawing at which the slider was
    ({ looked_back = [] }) => looked_back.some((share) => share <= 0.5),
    ({ drawn = [] }) => drawn.includes("pixels"),
    ({ drawn = [] }) => drawn.includes("ladder"),
  ],
  adversarial: [
    ({ fooled = [] }) => fooled.includes("own_goal"),
    ({ section = [] }) => section.includes("controls"),
    ({ defence = [] }) => defence.some((name) => name !== "jpeg"),  // one of her own choice
  ],
};

const total = (cells) => cells.reduce((sum, cell) => sum + cell, 0);

/** Sums of a kernel's rows and columns, as what it answers to stripes that lie and that stand. */
function stripes({ size, cells }) {
  const places = Array.from({ length: size }, (_, place) => place);
  return {
    lying: places.map((row) => total(cells.slice(row * size, (row + 1) * size))),
    standing: places.map((column) => total(cells.filter((_, at) => at % size === column))),
  };
}

const most = (numbers) => Math.max(...numbers.map(Math.abs));

/** Where nothing changes from left to right it answers, where nothing changes from top to bottom it does not. */
function answersOnlyLying(kernel) {
  const { lying, standing } = stripes(kernel);
  return most(standing) < 0.02 * most(lying);
}

const leavesFlatEmpty = ({ cells }) => most(cells) > 0 && Math.abs(total(cells)) < 1e-3 * most(cells);
