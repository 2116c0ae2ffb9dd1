// Webcam and microphone: frames as JPEG, sound as WAV.
const WIDTH_PX = 640, QUALITY = 0.92;

export async function camera(video) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({video: {width: {ideal: WIDTH_PX}, facingMode: "environment"}});
  } catch {
    throw new Error("The camera cannot be used: it is missing, in use, or was not allowed.");
  }
  video.srcObject = stream;
  await video.play();
  return () => { for (const track of stream.getTracks()) track.stop(); video.srcObject = null; };
}

export async function frame(video) {
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, WIDTH_PX / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => {
    canvas.toBlob(blob => blob ? done(blob) : failed(new Error("The camera gives no picture yet.")), "image/jpeg", QUALITY);
  });
}

// What the microphone hears, block by block, until it is closed.
export async function microphone(onBlock) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false},
    });
  } catch {
    throw new Error("The microphone cannot be used: it is missing, in use, or was not allowed.");
  }
  const context = new AudioContext();
  await context.resume();
  await context.audioWorklet.addModule("/static/recorder.js");
  const node = new AudioWorkletNode(context, "recorder", {numberOfOutputs: 0});
  node.port.onmessage = ({data}) => onBlock(data);
  context.createMediaStreamSource(stream).connect(node);
  return {rateHz: context.sampleRate, close: async () => {
    for (const track of stream.getTracks()) track.stop();
    await context.close();
  }};
}

// 16-bit mono WAV (RIFF, Microsoft and IBM 1991).
export function wav(blocks, rateHz) {
  const n = blocks.reduce((sum, block) => sum + block.length, 0);
  const view = new DataView(new ArrayBuffer(44 + 2 * n));
  const text = (at, letters) => [...letters].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, 36 + 2 * n, true); text(8, "WAVEfmt ");
  view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
  view.setUint32(24, rateHz, true); view.setUint32(28, 2 * rateHz, true);
  view.setUint16(32, 2, true); view.setUint16(34, 16, true); text(36, "data"); view.setUint32(40, 2 * n, true);
  let at = 44;
  for (const block of blocks) {
    for (const value of block) {
      view.setInt16(at, Math.round(32767 * Math.min(1, Math.max(-1, value))), true);
      at += 2;
    }
  }
  return new Blob([view], {type: "audio/wav"});
}
