// Reads a QR code with the camera and types it into a form's field. Whoever has
// no camera, or will not allow it, types the code: that way is always there.
import { gate } from "./late";
import { reader, type Read } from "./reader";

const again = 3000; // the same code is not taken twice within this time

function attach(box: HTMLElement): void {
  const start = box.querySelector<HTMLButtonElement>("[data-scan-start]");
  const stop = box.querySelector<HTMLButtonElement>("[data-scan-stop]");
  const video = box.querySelector("video");
  const said = box.querySelector<HTMLElement>("[data-scan-say]");
  // Asked for at each code: the form may have been drawn anew meanwhile.
  const into = () => document.getElementById(box.dataset["into"] ?? "") as HTMLInputElement | HTMLTextAreaElement | null;
  if (!start || !stop || !video || !said || !into()) return;
  const say = (key: string) => (said.textContent = box.dataset[key] ?? "");
  if (!navigator.mediaDevices?.getUserMedia) {
    say("none"); // no camera, or neither HTTPS nor localhost
    return;
  }
  start.hidden = false;

  let stream: MediaStream | null = null;
  let read: Read | null = null;
  let last = "";
  let lastAt = 0;

  const end = () => {
    stream?.getTracks().forEach((t) => t.stop());
    stream = null;
    video.srcObject = null;
    video.hidden = stop.hidden = true;
    start.hidden = false;
    said.textContent = "";
  };

  const look = async (): Promise<void> => {
    if (!stream || !read) return;
    let text = "";
    try {
      // While an answer covers the screen, nothing is read behind it.
      if (video.readyState >= 2 && !document.hidden && !document.querySelector("[data-scan-hold]")) text = await read(video);
    } catch {
      text = ""; // one bad frame
    }
    const now = performance.now();
    const field = into();
    if (field && text && (text !== last || now - lastAt > again)) {
      last = text;
      lastAt = now;
      navigator.vibrate?.(60);
      field.value = text;
      // A page may take the code itself; else the form is sent as if typed.
      if (field.dispatchEvent(new CustomEvent("scan", { detail: text, bubbles: true, cancelable: true }))) send(field.form);
    }
    setTimeout(look, 120);
  };

  start.addEventListener("click", async () => {
    start.disabled = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } });
      read ??= await reader(box.dataset["wasm"] ?? "");
      video.srcObject = stream;
      await video.play();
      video.hidden = stop.hidden = false;
      start.hidden = true;
      say("hint");
      void look();
    } catch (e) {
      end();
      say(e instanceof DOMException && e.name === "NotAllowedError" ? "denied" : "none");
    } finally {
      start.disabled = false;
    }
  });
  stop.addEventListener("click", end);
  window.addEventListener("pagehide", end);
}

// send is requestSubmit, which Safari 12 lacks: submit() would skip the checks
// and the listeners.
function send(form: HTMLFormElement | null): void {
  if (!form) return;
  const button = form.querySelector<HTMLElement>("button:not([type=button])");
  if (form.requestSubmit) form.requestSubmit();
  else if (button) button.click();
  else form.submit();
}

document.querySelectorAll<HTMLElement>("[data-scanner]").forEach(attach);
document.querySelectorAll<HTMLElement>("[data-kept]").forEach((box) => void gate(box));
