// Photos from files and from the camera, brought to the size at which the model was judged.
import { onFiles } from "./files.js";
import { jpegScale, shrunk, overWhite } from "./pixels.js";

const MOST_PX = 120e6; // browsers' canvases end about there

export function tensors(ort, { pixels, width, height }) {
  return { pixels: new ort.Tensor("uint8", pixels, [1, height, width, 3]) };
}

async function drawn(source, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0);
  return canvas;
}

async function isJpeg(file) {
  const [one, two] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return one === 0xff && two === 0xd8;
}

export async function read(file, atLeastPx) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image", premultiplyAlpha: "none" });
  } catch {
    throw new Error("is not a photo that this browser can open: save it as JPEG or PNG");
  }
  if (bitmap.width * bitmap.height > MOST_PX) throw new Error("has too many pixels: save a smaller copy");
  const canvas = await drawn(bitmap, bitmap.width, bitmap.height);
  const sample = fitted(canvas, atLeastPx, await isJpeg(file));
  bitmap.close();
  return { sample, picture: small(canvas) };
}

function fitted(canvas, atLeastPx, jpeg) {
  const { width, height } = canvas;
  let image = { data: canvas.getContext("2d").getImageData(0, 0, width, height).data, width, height };
  if (jpeg) image = shrunk(image, jpegScale(width, height, atLeastPx));
  image = shrunk(image, Math.max(1, Math.floor(Math.min(image.width, image.height) / atLeastPx)));
  return { pixels: overWhite(image.data), width: image.width, height: image.height };
}

function small(canvas) {
  const scale = Math.min(1, 320 / Math.max(canvas.width, canvas.height));
  const made = document.createElement("canvas");
  made.width = Math.max(1, Math.round(canvas.width * scale));
  made.height = Math.max(1, Math.round(canvas.height * scale));
  made.getContext("2d").drawImage(canvas, 0, 0, made.width, made.height);
  return made;
}

export function start(about, ask) {
  const atLeastPx = about.reading.at_least_px;
  onFiles(file => ask(file.name, () => read(file, atLeastPx)));
  const [camera, live, video, shoot, stop] = ["camera", "live", "video", "shoot", "stop"].map(id => document.getElementById(id));
  let number = 0;

  camera.addEventListener("click", async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      document.getElementById("state").textContent = "The camera cannot be used: it is missing, or was not allowed.";
      return;
    }
    await video.play();
    live.hidden = false;
    document.getElementById("drop").hidden = true;
  });
  shoot.addEventListener("click", async () => {
    const canvas = await drawn(video, video.videoWidth, video.videoHeight);
    number += 1;
    ask(`photo ${number}`, async () => ({ sample: fitted(canvas, atLeastPx, false), picture: small(canvas) }));
  });
  stop.addEventListener("click", () => {
    for (const track of video.srcObject.getTracks()) track.stop();
    live.hidden = true;
    document.getElementById("drop").hidden = false;
  });
}
