// Files that are chosen or dropped.

export function onFiles(take) {
  const input = document.getElementById("files");
  input.addEventListener("change", () => {
    for (const file of input.files) take(file);
    input.value = "";
  });
  const drop = document.getElementById("drop");
  if (!drop) return;
  for (const [event, over] of [["dragover", true], ["dragleave", false], ["drop", false]])
    drop.addEventListener(event, happened => {
      happened.preventDefault();
      drop.classList.toggle("over", over);
    });
  drop.addEventListener("drop", dropped => {
    for (const file of dropped.dataTransfer.files) take(file);
  });
}
