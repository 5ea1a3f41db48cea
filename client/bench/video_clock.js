// The clock in the picture as client/engines/video/clock_code.py has it, and the camera that carries it. Runs in the page
// (reading) and, as a worker, where it draws 30 pictures a second: a page that is busy has a camera that is not.
const COLUMNS = 16, ROWS = 3, PART = 4, MARK = 0b10110010, DARK = 96, LIGHT = 160, FPS = 30;

function check(ms) {
    let rest = 0;
    for (const place of [24, 16, 8, 0]) {
        rest ^= ms >>> place & 0xff;
        for (let bit = 0; bit < 8; bit++) rest = (rest & 0x80 ? rest << 1 ^ 0x07 : rest << 1) & 0xff;
    }
    return rest;
}

const split = (value, count) => Array.from({ length: count }, (_, place) => value >>> count - 1 - place & 1);

function drawClock(pen, width, height, now) {
    const ms = now % 2 ** 32 >>> 0;
    const bits = [...split(MARK << 8 | check(ms), COLUMNS), ...split(ms, 32)];
    const [wide, high] = [Math.floor(width / COLUMNS), Math.floor(height / PART / ROWS)];
    pen.fillStyle = 'black';
    pen.fillRect(0, 0, COLUMNS * wide, ROWS * high);
    pen.fillStyle = 'white';
    bits.forEach((bit, at) => bit && pen.fillRect(at % COLUMNS * wide, Math.floor(at / COLUMNS) * high, wide, high));
}

// `pixels`: RGBA of the code alone, `cell` pixels a cell in each direction. null where it cannot be read for certain.
function readClock(pixels, cell) {
    let value = [];
    for (let at = 0; at < COLUMNS * ROWS; at++) {
        const [left, top] = [at % COLUMNS * cell, Math.floor(at / COLUMNS) * cell];
        let sum = 0, count = 0;
        for (let y = Math.floor(cell / 4); y < cell - Math.floor(cell / 4); y++)
            for (let x = Math.floor(cell / 4); x < cell - Math.floor(cell / 4); x++, count++)
                sum += pixels[((top + y) * COLUMNS * cell + left + x) * 4 + 1];
        const mean = sum / count;
        if (mean > DARK && mean < LIGHT) return null;
        value.push(mean >= LIGHT ? 1 : 0);
    }
    const number = (bits) => bits.reduce((whole, bit) => whole * 2 + bit, 0);
    const [head, ms] = [number(value.slice(0, COLUMNS)), number(value.slice(COLUMNS))];
    return head === (MARK << 8 | check(ms >>> 0)) ? ms : null;
}

// Somebody who signs, as far as an encoder can tell: two hands that never rest before a still wall.
function drawSigner(pen, width, height, seconds) {
    pen.fillStyle = '#7a8fa8';
    pen.fillRect(0, 0, width, height);
    const unit = height / 24, middle = width / 2;
    const blob = (x, y, wide, high, colour) => {
        pen.fillStyle = colour;
        pen.beginPath();
        pen.ellipse(x, y, wide, high, 0, 0, 7);
        pen.fill();
    };
    blob(middle, unit * 24, unit * 7, unit * 10, '#2c5a78');
    blob(middle, unit * 9, unit * 2, unit * 2.6, '#d8a98a');
    for (const [side, beat] of [[-1, 2.3], [1, 3.1]]) {
        const x = middle + side * unit * (3.5 + 2 * Math.cos(seconds * beat));
        const y = unit * (15 + 2.5 * Math.sin(seconds * beat * 1.3 + side));
        blob(x, y, unit * 1.1, unit * 1.2, '#d8a98a');
        for (let finger = 0; finger < 4; finger++) {
            const angle = -1.57 + (finger - 1.5) * (0.35 + 0.25 * Math.sin(seconds * 5 + side));
            blob(x + 2 * unit * Math.cos(angle), y + 2 * unit * Math.sin(angle), unit * 0.4, unit * 0.4, '#d8a98a');
        }
    }
}

async function film({ writable, width, height }) {
    const writer = writable.getWriter();
    const canvas = new OffscreenCanvas(width, height);
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    let due = performance.now();
    for (;;) {
        due = Math.max(due + 1000 / FPS, performance.now() - 1000 / FPS);
        await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));
        drawSigner(pen, width, height, performance.now() / 1000);
        drawClock(pen, width, height, Date.now());
        await writer.write(new VideoFrame(canvas, { timestamp: performance.now() * 1000 }));
    }
}

if (typeof window === 'undefined') self.onmessage = ({ data }) => film(data).catch(() => self.close());
