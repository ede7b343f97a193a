// Shows which square of a chosen photo is kept, before it is sent. The server does the cropping, from three numbers: how
// much larger than the whole, and where, in per cent of what is left. Without this file it keeps the middle.
const show = (place) => {
  if (place.dataset.on) return;
  place.dataset.on = "1";
  const input = place.form.elements[place.dataset.crop];
  const canvas = place.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const [zoom, across, down] = place.querySelectorAll("input[type=range]");
  let photo = null;

  const side = () => Math.min(photo.width, photo.height) / (zoom.value / 100);
  const draw = () => {
    const kept = side();
    const left = ((photo.width - kept) * across.value) / 100;
    const top = ((photo.height - kept) * down.value) / 100;
    pen.fillStyle = "#fff"; // as the server does behind a see-through picture
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(photo, left, top, kept, kept, 0, 0, canvas.width, canvas.height);
  };

  input.addEventListener("change", async () => {
    const [file] = input.files;
    const read = file ? await createImageBitmap(file).catch(() => null) : null; // what is no picture the server refuses
    if (file !== input.files[0]) return; // another one was chosen meanwhile
    photo?.close();
    photo = read;
    place.hidden = place.disabled = !photo;
    if (!photo) return;
    zoom.value = 100;
    across.value = down.value = 50;
    draw();
  });
  place.addEventListener("input", () => photo && draw());

  let from = null;
  canvas.addEventListener("pointerdown", (event) => {
    from = { x: event.clientX, y: event.clientY, across: +across.value, down: +down.value };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!from || !photo) return;
    const scale = (side() / canvas.clientWidth) * 100;
    const moved = (start, way, length) => (length - side() < 1 ? 50 : start - (way * scale) / (length - side()));
    across.value = moved(from.across, event.clientX - from.x, photo.width);
    down.value = moved(from.down, event.clientY - from.y, photo.height);
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { from = null; });
};

export const start = () => document.querySelectorAll("[data-crop]").forEach(show);
