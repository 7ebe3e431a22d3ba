/** The demo: a bay at sunset, drawn by the program, with all that painters like: sky, water, edges, far and near. */

export const SCENE_RATE = 30;
const HORIZON = 0.47; // of the height
const SHORE = 0.86;

/** Draws the scene at any size; `draw(t)` is its picture at t seconds. */
export class Scene {
  constructor(context, width, height) {
    Object.assign(this, { context, width, height, unit: Math.min(width, height) / 480 });
    this.still = layer(width, height, (still) => this.#still(still));
    this.tree = layer(width, height, (near) => this.#near(near));
    this.cloud = layer(width, height, (sky) => this.#clouds(sky));
  }

  draw(t) {
    const { context, width, height } = this;
    context.drawImage(this.still, 0, 0);
    const drift = (t * 0.008 * width) % width;
    context.drawImage(this.cloud, drift, 0);
    context.drawImage(this.cloud, drift - width, 0);
    this.#balloon(t);
    this.#birds(t);
    for (let row = 0; row < 9; row += 1) {
      this.#wave(t, row);
      if (row === 3) this.#boat(t);
    }
    context.drawImage(this.tree, 0, 0, width, height);
  }

  #still(c) {
    const { width, height } = this;
    const horizon = HORIZON * height;
    fill(c, gradient(c, 0, horizon, ["#20487e", "#4b86b8", "#e9b48a", "#fbe0ae"]), 0, 0, width, horizon + 1);
    const [x, y] = [0.7 * width, 0.31 * height];
    const glow = c.createRadialGradient(x, y, 0, x, y, 0.36 * width);
    glow.addColorStop(0, "rgba(255,240,190,.95)");
    glow.addColorStop(1, "rgba(255,190,120,0)");
    fill(c, glow, 0, 0, width, horizon);
    disc(c, "#ffe27a", x, y, 27 * this.unit);
    ridge(c, "#8d93b4", 4, horizon, 0.1 * height, -0.1 * width, 0.4 * width);
    ridge(c, "#7f88ad", 7, horizon, 0.08 * height, 0.55 * width, 1.2 * width);
    this.#mountain(c, horizon);
    fill(c, gradient(c, horizon, height, ["#f0c890", "#3f8f9f", "#1c5c7c", "#123d5c"]), 0, horizon, width, height);
  }

  #mountain(c, horizon) {
    const { width, height } = this;
    const [peak, top, foot] = [0.38 * width, 0.15 * height, 0.36 * width];
    const side = (sign) => (s) => [peak + sign * foot * s ** 1.35, top + (horizon - top) * s];
    const steps = Array.from({ length: 21 }, (_, step) => step / 20);
    const [left, right] = [steps.map(side(-1)), steps.map(side(1))];
    shape(c, "#4a5f90", [...left.reverse(), ...right]);
    shape(c, "#36487a", [[peak, top], ...right, [peak + 0.05 * width, horizon], [peak - 4, top + 0.4 * (horizon - top)]]);
    const snow = steps.slice(0, 9);
    const teeth = snow.map((s, place) => [
      peak + 0.36 * foot * (0.5 - place / 8) * 1.5,
      top + (horizon - top) * (place % 2 ? 0.42 : 0.3),
    ]);
    shape(c, "#f4f1ee", [...snow.slice(0, 8).map(side(-1)).reverse(), ...snow.slice(0, 8).map(side(1)), ...teeth]);
  }

  #clouds(c) {
    const random = seeded(11);
    c.filter = `blur(${2.5 * this.unit}px)`;
    for (let group = 0; group < 5; group += 1) {
      const [x, y] = [(0.1 + 0.19 * group) * this.width, (0.05 + 0.16 * random()) * this.height];
      for (let puff = 0; puff < 12; puff += 1) {
        const across = (random() - 0.5) * 130 * this.unit;
        const size = (9 + 13 * random()) * this.unit;
        const tone = 228 + Math.round(27 * random());
        c.fillStyle = `rgb(${tone},${tone - 10},${tone - 22})`;
        ellipse(c, x + across, y + (random() - 0.5) * 16 * this.unit, 1.7 * size, 0.7 * size);
      }
    }
    c.filter = "none";
  }

  #near(c) {
    const { width, height, unit } = this;
    const random = seeded(5);
    const shore = Array.from({ length: 33 }, (_, n) => [
      (n / 32) * width,
      (SHORE + 0.05 * (n / 32) + 0.012 * Math.sin(n / 2)) * height,
    ]);
    shape(c, "#f6ead0", [...shore.map(([x, y]) => [x, y - 5 * unit]), [width, height], [0, height]]);
    shape(c, "#d9b57c", [...shore, [width, height], [0, height]]);
    for (let stone = 0; stone < 90; stone += 1) {
      c.fillStyle = `hsl(32 30% ${30 + 40 * random()}%)`;
      ellipse(c, random() * width, (0.93 + 0.07 * random()) * height, 5 * random() * unit, 2.5 * random() * unit);
    }
    const trunk = 0.09 * width;
    c.strokeStyle = "#4b2f22";
    c.lineCap = "round";
    for (const [dx, dy, wide] of [[14, 190, 17], [52, 236, 9], [-34, 226, 8], [70, 190, 6]]) {
      c.lineWidth = wide * unit;
      c.beginPath();
      c.moveTo(trunk, height);
      c.quadraticCurveTo(trunk - 12 * unit, height - 110 * unit, trunk + dx * unit, height - dy * unit);
      c.stroke();
    }
    for (let leaf = 0; leaf < 320; leaf += 1) {
      const [angle, far] = [2 * Math.PI * random(), Math.sqrt(random())];
      const [x, y] = [trunk + (14 + 92 * far * Math.cos(angle)) * unit, height - (262 + 74 * far * Math.sin(angle)) * unit];
      c.fillStyle = `hsl(${95 + 40 * random()} 52% ${18 + 26 * random() * (0.6 + Math.sin(angle) / 2.5)}%)`;
      ellipse(c, x, y, (5 + 6 * random()) * unit, (3 + 4 * random()) * unit, 3 * random());
    }
    for (let blade = 0; blade < 260; blade += 1) {
      const x = random() * random() * 0.6 * width;
      const y = height - 14 * random() * unit;
      c.strokeStyle = `hsl(${75 + 45 * random()} 55% ${22 + 30 * random()}%)`;
      line(c, [[x, y], [x + (random() - 0.35) * 18 * unit, y - (16 + 34 * random()) * unit]], 2.2 * unit);
    }
  }

  #wave(t, row) {
    const { context: c, width, height, unit } = this;
    const share = row / 8;
    const base = (HORIZON + 0.012 + (SHORE - HORIZON) * share ** 1.6) * height;
    const high = (1.2 + 10 * share) * unit;
    const long = (16 + 62 * share) * unit;
    const points = Array.from({ length: 41 }, (_, n) => {
      const x = (n / 40) * width;
      const swell = Math.sin(x / long + 0.9 * t + 2.1 * row) + 0.4 * Math.sin((2.3 * x) / long - 1.3 * t + row);
      return [x, base - high * swell];
    });
    const tone = `hsl(${198 - 8 * share} ${48 + 14 * share}% ${46 - 18 * share}%)`;
    shape(c, tone, [...points, [width, base + 0.09 * height], [0, base + 0.09 * height]]);
    c.strokeStyle = row % 2 ? "rgba(250,240,220,.9)" : "rgba(140,205,215,.8)";
    line(c, points, (0.8 + 2.6 * share) * unit);
  }

  #boat(t) {
    const { context: c, unit } = this;
    c.save();
    c.translate((0.3 + 0.16 * Math.sin(0.09 * t)) * this.width, (HORIZON + 0.115) * this.height + 2.5 * Math.sin(1.1 * t) * unit);
    c.rotate(0.035 * Math.sin(0.9 * t));
    c.scale(unit, unit);
    shape(c, "#6d2f22", [[-40, 0], [42, -3], [28, 15], [-27, 15]]);
    c.strokeStyle = "#f0e2c8";
    line(c, [[-39, 3], [41, 0]], 2);
    c.strokeStyle = "#3a2a20";
    line(c, [[0, 0], [0, -84]], 3);
    shape(c, "#fbf3e4", [[4, -6], [3, -82], [44, -12]]);
    shape(c, "#d8452e", [[-4, -8], [-2, -74], [-34, -12]]);
    c.restore();
  }

  #balloon(t) {
    const { context: c, unit } = this;
    c.save();
    c.translate(((0.9 - 0.014 * t) % 1.2 + 1.2) % 1.2 * this.width - 0.1 * this.width, 0.17 * this.height + 7 * Math.sin(0.5 * t) * unit);
    c.scale(unit, unit);
    for (const [colour, wide] of [["#c8402f", 32], ["#f2c14e", 21], ["#2c5f9e", 10]]) {
      c.fillStyle = colour;
      ellipse(c, 0, 0, wide, 36);
    }
    shape(c, "#c8402f", [[-16, 30], [16, 30], [6, 47], [-6, 47]]);
    c.strokeStyle = "#30302e";
    line(c, [[-6, 46], [-5, 58]], 1.2);
    line(c, [[6, 46], [5, 58]], 1.2);
    shape(c, "#7a4a24", [[-7, 57], [7, 57], [6, 67], [-6, 67]]);
    c.restore();
  }

  #birds(t) {
    const { context: c, unit } = this;
    c.strokeStyle = "#26262c";
    for (let bird = 0; bird < 5; bird += 1) {
      const x = ((0.05 * t + 0.11 * bird + 0.03 * bird * bird) % 1.2 - 0.1) * this.width;
      const y = (0.27 + 0.035 * Math.sin(1.7 * bird) + 0.012 * Math.sin(t + bird)) * this.height;
      const flap = 7 * Math.sin(7 * t + 2 * bird) * unit;
      line(c, [[x - 13 * unit, y - flap], [x - 5 * unit, y - 3], [x, y], [x + 5 * unit, y - 3], [x + 13 * unit, y - flap]], 2.2 * unit);
    }
  }
}

function layer(width, height, paint) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  paint(canvas.getContext("2d"));
  return canvas;
}

function gradient(c, top, bottom, colours) {
  const made = c.createLinearGradient(0, top, 0, bottom);
  colours.forEach((colour, place) => made.addColorStop(place / (colours.length - 1), colour));
  return made;
}

function fill(c, style, ...box) {
  c.fillStyle = style;
  c.fillRect(...box);
}

function shape(c, colour, points) {
  c.fillStyle = colour;
  c.beginPath();
  points.forEach(([x, y]) => c.lineTo(x, y));
  c.fill();
}

function line(c, points, width) {
  c.lineWidth = width;
  c.beginPath();
  points.forEach(([x, y]) => c.lineTo(x, y));
  c.stroke();
}

function ellipse(c, x, y, across, down, turn = 0) {
  c.beginPath();
  c.ellipse(x, y, across, down, turn, 0, 2 * Math.PI);
  c.fill();
}

function disc(c, colour, x, y, radius) {
  c.fillStyle = colour;
  ellipse(c, x, y, radius, radius);
}

function ridge(c, colour, seed, base, rise, left, right) {
  const random = seeded(seed);
  const points = Array.from({ length: 25 }, (_, n) => {
    const tent = 1 - Math.abs(n / 12 - 1);
    return [left + ((right - left) * n) / 24, base - rise * (tent ** 0.8 - 0.22 * random() * tent)];
  });
  shape(c, colour, points);
}

/** Numbers from 0 to 1 that are the same each time (a linear congruential generator). */
function seeded(seed) {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}
