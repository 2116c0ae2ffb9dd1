// Counting a movement: small grey pictures go to the studio, which counts as `handful count` does.
import { $ } from "./api.js";
import { camera } from "./devices.js";
import { Stream, looked, pickWith, showPage, takeDrops } from "./streams.js";
import { Trace } from "./trace.js";

const WIDTH_PX = 160, LEAST_PX = 48, MOST_PX = 640, AT_LEAST_S = 0.02;
const trace = new Trace($("movement-trace"));
let stream = null, close = null, turn = 0;

const say = words => { $("movement-said").textContent = words; };

// Each picture of the camera as brightness (ITU-R BT.601), with its time.
function pictures(video, take) {
  const canvas = document.createElement("canvas");
  let on = true, first = null, last = -1;
  const look = (now, about) => {
    if (!on) return;
    video.requestVideoFrameCallback(look);
    first ??= about.captureTime === undefined ? "now" : "captureTime";
    const time = (first === "now" ? now : about.captureTime ?? now) / 1000;
    if (time - last < AT_LEAST_S) return;
    last = time;
    if (!canvas.width || canvas.dataset.shape !== `${video.videoWidth}x${video.videoHeight}`) {
      canvas.dataset.shape = `${video.videoWidth}x${video.videoHeight}`;
      canvas.width = WIDTH_PX;
      canvas.height = Math.min(MOST_PX, Math.max(LEAST_PX, Math.round(WIDTH_PX * video.videoHeight / video.videoWidth)));
    }
    take(grey(canvas, video, time), canvas.width, canvas.height);
  };
  video.requestVideoFrameCallback(look);
  return () => { on = false; };
}

function grey(canvas, video, time) {
  const {width, height} = canvas, context = canvas.getContext("2d", {willReadFrequently: true});
  context.imageSmoothingQuality = "high";
  context.drawImage(video, 0, 0, width, height);
  const {data} = context.getImageData(0, 0, width, height), buffer = new ArrayBuffer(8 + width * height);
  new DataView(buffer).setFloat64(0, time, true);
  const luma = new Uint8Array(buffer, 8);
  for (let at = 0; at < luma.length; at += 1) luma[at] = (77 * data[4 * at] + 150 * data[4 * at + 1] + 29 * data[4 * at + 2]) >> 8;
  return buffer;
}

function told(answer) {
  const {repetitions: n, period_s: period, seconds} = answer;
  $("movement-count").textContent = n;
  $("movement-noun").textContent = n === 1 ? "repetition" : "repetitions";
  trace.least = answer.least;
  trace.add(answer.points, seconds);
  say(period ? `About one every ${period.toFixed(1)} s. ${Math.round(seconds)} s so far.`
    : `Nothing repeats at the moment. ${Math.round(seconds)} s so far.`);
}

async function failed(error) {
  await shut();
  say(error.message);
}

async function shut() {
  close?.();
  [close, stream] = [null, null];
  $("movement-video").hidden = true;
  $("movement-anew").hidden = true;
  $("movement-live").textContent = "Start the camera";
}

async function begin() {
  const mine = turn += 1;
  $("movement-live").disabled = true;
  $("movement-seen").hidden = true;
  try {
    const video = $("movement-video");
    video.hidden = $("movement-now").hidden = false;
    const off = await camera(video);
    let shape = "", waiting = false;
    const stop = pictures(video, async (picture, width, height) => {
      if (waiting) return;
      if (shape !== `${width}x${height}`) { // the first picture, or the camera was turned
        waiting = true;
        shape = `${width}x${height}`;
        stream?.drop();
        stream = null;
        const opened = await Stream.open("/api/watch", {width_px: width, height_px: height}, told, failed).catch(failed);
        if (mine !== turn || !close) opened?.drop();
        else stream = opened;
        waiting = false;
        return;
      }
      stream?.add(picture);
    });
    close = () => { stop(); off(); shape = ""; };
    close.anew = () => { shape = ""; };
    $("movement-anew").hidden = false;
    $("movement-live").textContent = "Stop";
    trace.clear();
    $("movement-count").textContent = "0";
    say("Looking ...");
  } catch (error) {
    $("movement-now").hidden = true;
    say(error.message);
  }
  $("movement-live").disabled = false;
}

async function finish() {
  const ended = stream;
  turn += 1;
  await shut();
  if (!ended) return;
  say("Counting to the end ...");
  try { show(await ended.end()); } catch (error) { say(error.message); }
}

function show({result, page}) {
  $("movement-now").hidden = false;
  $("movement-count").textContent = result.repetitions;
  $("movement-noun").textContent = result.repetitions === 1 ? "repetition" : "repetitions";
  say(result.refused ? `Not counted: ${result.refused}` : `${result.repetitions} in ${result.seconds.toFixed(1)} s. ${result.warnings.join(" ")}`);
  showPage($("movement-seen"), page, "The movement over time, and the count", "count.html");
}

export async function count(file) {
  leaveMovement();
  $("movement-now").hidden = $("movement-seen").hidden = true;
  say(`${file.name} goes to the studio ...`);
  const mine = turn += 1;
  try {
    const found = await looked("/api/count-file", file, {}, ({done, total}) => {
      if (mine === turn && total) say(`Counting in ${file.name}: ${Math.round(100 * done / total)} %`);
    });
    if (mine !== turn) return;
    trace.canvas.hidden = true;
    show(found);
  } catch (error) { if (mine === turn) say(error.message); }
}

export function leaveMovement() {
  turn += 1;
  stream?.drop();
  trace.canvas.hidden = false;
  shut();
}

$("movement-live").addEventListener("click", () => {
  if (close) { finish(); return; }
  trace.canvas.hidden = false;
  begin();
});
$("movement-anew").addEventListener("click", () => {
  close?.anew();
  trace.clear();
  $("movement-count").textContent = "0";
});
pickWith("movement-pick", "movement-file", count);
takeDrops($("movement"), count);
