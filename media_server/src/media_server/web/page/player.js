// SPDX-License-Identifier: GPL-3.0-or-later
// Copyright: (c) 2026, KnowledgeCity platform contributors
//
// Plays DASH with shaka-player and HLS with hls.js. The form or the page's fragment says what to play; browsers send the fragment to no
// server: #tenant=…&asset=…&token=…&play=dash|hls
"use strict";

const video = document.getElementById("video");
const form = document.getElementById("form");
const status = document.getElementById("status");
const other = document.getElementById("other");
const words = document.body.dataset;
let player = null;

function say(state, text, detail) {
  words.state = state;
  words.detail = detail || "";
  status.textContent = detail ? `${text} (${detail})` : text;
  status.className = state;
}

function fail(detail) {
  say("failed", words.failed, String(detail));
}

async function playDash(address) {
  shaka.polyfill.installAll();
  player = new shaka.Player();
  await player.attach(video);
  player.addEventListener("error", (event) => fail(event.detail.code));
  await player.load(address);
}

function playHls(address) {
  // The page's policy forbids workers from blobs. A buffer of one minute is enough.
  player = new Hls({ enableWorker: false, maxMaxBufferLength: 60 });
  player.on(Hls.Events.ERROR, (_name, error) => {
    if (error.fatal) {
      fail(error.details + (error.response && error.response.code ? ` ${error.response.code}` : ""));
      player.destroy();
    }
  });
  player.loadSource(address);
  player.attachMedia(video);
}

async function start(wanted) {
  if (player) {
    await player.destroy();
    player = null;
  }
  say("loading", words.loading);
  const file = wanted.get("play") === "hls" ? "master.m3u8" : "manifest.mpd";
  const path = [wanted.get("tenant"), wanted.get("asset"), file].map((part) => encodeURIComponent(part || "")).join("/");
  const address = new URL(`../v1/play/${path}`, location.href);
  address.hash = "";
  address.search = new URLSearchParams({ token: wanted.get("token") || "" }).toString();
  try {
    if (file === "master.m3u8") {
      playHls(address.href);
    } else {
      await playDash(address.href);
    }
    await video.play();
  } catch (error) {
    if (words.state !== "failed") {
      fail(error.code || error.name);
    }
  }
}

video.addEventListener("playing", () => say("playing", words.playing));
video.addEventListener("error", () => fail(video.error ? `media ${video.error.code}` : "media"));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  start(new FormData(form));
});

const wanted = new URLSearchParams(location.hash.slice(1));
if (wanted.get("token")) {
  for (const [name, value] of wanted) {
    if (form.elements[name]) {
      form.elements[name].value = value;
    }
  }
  other.href += location.hash;
  start(wanted);
}
