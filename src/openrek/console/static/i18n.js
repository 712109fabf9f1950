// All texts of the console. Both tables are strict JSON, one key a line: a test compares their keys.

const EN = {
  "title": "See what is in a picture",
  "lead": "openrek finds objects, faces and text. The picture stays on this server.",
  "lead.aws": "openrek finds objects, faces and text. The picture is kept in this deployment’s own AWS account.",
  "other_language": "Tiếng Việt",
  "theme.dark": "Switch to dark colours",
  "theme.light": "Switch to light colours",
  "nav.home": "openrek, start page",
  "nav.api": "API",
  "nav.skip": "Skip to the content",
  "pick.title": "Add a picture",
  "pick.button": "Choose a picture",
  "pick.camera": "Use the camera",
  "pick.hint": "or drop it here, or paste it with Ctrl + V",
  "pick.hint_touch": "from your gallery or straight from the camera",
  "pick.limits": "JPEG, PNG, WebP, GIF, BMP or AVIF, up to 15 MiB. Larger pictures are made smaller in your browser first.",
  "pick.drop": "Drop to analyse the picture",
  "pick.another": "Another picture",
  "busy.title": "Analysing",
  "busy.preparing": "Making the picture smaller …",
  "busy.sending": "Uploading, {percent} %",
  "busy.recognising": "Recognising …",
  "busy.opening": "Opening …",
  "busy.queue": "Picture {index} of {count}",
  "busy.cancel": "Cancel",
  "busy.cancelled": "Cancelled. Nothing was saved.",
  "note.shrunk": "This picture had {before}, more than the limit of 15 MiB. It was made smaller in your browser to {after} before the upload; the original was not sent.",
  "note.converted": "This picture was converted to JPEG in your browser ({after}) before the upload.",
  "note.close": "Close this notice",
  "done": "Done. {labels}, {faces}, {lines}.",
  "count.labels.one": "{n} label",
  "count.labels.other": "{n} labels",
  "count.faces.one": "{n} face",
  "count.faces.other": "{n} faces",
  "count.lines.one": "{n} line of text",
  "count.lines.other": "{n} lines of text",
  "viewer.picture": "The analysed picture",
  "viewer.boxes": "Results on the picture. Use the arrow keys to move between them.",
  "viewer.show": "Show on the picture",
  "viewer.box": "{name}, {percent} %",
  "viewer.missing": "The stored picture cannot be shown. The links below may still work.",
  "viewer.annotated": "Your browser cannot show the original format. This is the processed picture.",
  "layer.objects": "Objects",
  "layer.faces": "Faces",
  "layer.text": "Text",
  "result.title": "What openrek found",
  "labels.title": "Labels",
  "labels.none": "No labels.",
  "labels.whole": "Whole picture",
  "labels.boxes.one": "{n} box",
  "labels.boxes.other": "{n} boxes",
  "labels.more": "Show all {n}",
  "labels.fewer": "Show fewer",
  "faces.title": "Faces",
  "faces.none": "No faces.",
  "faces.name": "Face {n}",
  "faces.pose": "yaw {yaw}°, pitch {pitch}°, roll {roll}°",
  "faces.quality": "brightness {brightness}, sharpness {sharpness}",
  "text.title": "Text",
  "text.none": "No text.",
  "text.copy": "Copy the text",
  "moderation.title": "Content check",
  "moderation.safe": "Nothing objectionable found",
  "moderation.found": "May be objectionable",
  "confidence": "{percent} % confidence",
  "times.title": "Times",
  "times.labels": "Labels",
  "times.faces": "Faces",
  "times.text": "Text",
  "times.moderation": "Content check",
  "times.recognition": "Recognition, in parallel",
  "times.draw": "Drawing",
  "times.store": "Storing",
  "times.total": "Total",
  "times.ms": "{n} ms",
  "objects.title": "Stored files",
  "objects.hint": "Each link can be shared and stops working after an hour.",
  "objects.original": "Original picture",
  "objects.result": "Result as JSON",
  "objects.annotated": "Picture with boxes",
  "objects.thumbnail": "Thumbnail",
  "objects.copy": "Copy the link: {name}",
  "json.title": "JSON",
  "json.copy": "Copy the JSON",
  "copied": "Copied.",
  "copy_failed": "The browser does not allow copying here. Select the text and copy it yourself.",
  "logs.title": "Log of this analysis",
  "logs.none": "No log records for this analysis.",
  "logs.reload": "Reload",
  "delete.button": "Delete",
  "delete.title": "Delete this analysis?",
  "delete.text": "The picture, its result and its thumbnail are removed from the store. This cannot be undone.",
  "delete.confirm": "Delete permanently",
  "delete.keep": "Keep it",
  "delete.done": "Deleted.",
  "history.title": "Earlier pictures",
  "history.none": "Nothing here yet. Pictures that you analyse appear here.",
  "history.more": "Show more",
  "history.open": "Open the analysis of {when}: {labels}",
  "history.nothing": "no labels",
  "history.damaged": "Damaged: the result cannot be read",
  "history.damaged_delete": "Delete the damaged analysis of {when}",
  "camera.title": "Take a picture",
  "camera.shoot": "Take the picture",
  "camera.flip": "Other camera",
  "camera.close": "Close",
  "camera.wait": "Waiting for the camera. Your browser may ask for permission.",
  "camera.denied": "The browser does not allow this page to use the camera. Allow it in the browser’s settings for this page, or choose a picture instead.",
  "camera.none": "No camera found. Choose a picture instead.",
  "login.title": "Log in",
  "login.text": "Open the one-time link that “openrek serve” printed, or paste the token from the file “token” in openrek’s data folder.",
  "login.text.aws": "Paste the key that “openrek deploy aws” printed when this was deployed.",
  "login.token": "Token",
  "login.token.aws": "Key",
  "login.button": "Log in",
  "login.wrong": "Wrong token. Compare it with the file “token” in the data folder.",
  "login.wrong.aws": "Wrong key for this deployment.",
  "error.title": "Something went wrong",
  "error.again": "Try again",
  "error.close": "Close",
  "error.reference": "Request {id}",
  "error.Network": "Cannot reach the server. Check that openrek is running.",
  "error.Network.aws": "Cannot reach the server. Check your internet connection.",
  "error.InvalidImageFormatException": "This file cannot be read as a picture. It may be damaged or not a picture.",
  "error.ImageTooLargeException": "This picture is too large.",
  "error.ThrottlingException": "The server is busy with other pictures right now. Try again in a moment.",
  "error.ResourceNotFoundException": "This analysis no longer exists.",
  "error.UnsupportedMediaType": "This kind of file is not supported. Choose a picture.",
  "error.AccessDeniedException": "The server denied this request.",
  "error.InvalidParameterException": "The request or picture is not valid.",
  "error.NotFound": "Nothing exists at this address any more.",
  "error.MissingAuthenticationTokenException": "You are no longer logged in.",
  "error.UnrecognizedClientException": "This login is no longer valid.",
  "error.ProvisionedThroughputExceededException": "The server is busy with other pictures right now. Try again in a moment.",
  "error.InternalServerError": "The server failed. Its log has the details for this request.",
  "error.some": "{n} of {count} pictures could not be analysed:",
  "error.unreadable": "This file has {size}, more than the limit of 15 MiB, and your browser cannot read it as a picture to make it smaller.",
  "error.no_picture": "No picture found in what you dropped or pasted.",
  "error.other": "The server could not do this."
};

const VI = {
  "title": "Xem trong ảnh có gì",
  "lead": "openrek tìm vật thể, khuôn mặt và chữ. Ảnh chỉ nằm trên máy chủ này.",
  "lead.aws": "openrek tìm vật thể, khuôn mặt và chữ. Ảnh được lưu trong chính tài khoản AWS của hệ thống này.",
  "other_language": "English",
  "theme.dark": "Chuyển sang giao diện tối",
  "theme.light": "Chuyển sang giao diện sáng",
  "nav.home": "openrek, trang đầu",
  "nav.api": "API",
  "nav.skip": "Đến thẳng nội dung",
  "pick.title": "Thêm ảnh",
  "pick.button": "Chọn ảnh",
  "pick.camera": "Chụp ảnh",
  "pick.hint": "hoặc kéo thả vào đây, hoặc dán bằng Ctrl + V",
  "pick.hint_touch": "từ thư viện ảnh hoặc chụp ngay bằng máy",
  "pick.limits": "JPEG, PNG, WebP, GIF, BMP hoặc AVIF, tối đa 15 MiB. Ảnh lớn hơn sẽ được thu nhỏ ngay trong trình duyệt trước khi gửi.",
  "pick.drop": "Thả ra để phân tích ảnh",
  "pick.another": "Ảnh khác",
  "busy.title": "Đang phân tích",
  "busy.preparing": "Đang thu nhỏ ảnh …",
  "busy.sending": "Đang tải lên, {percent} %",
  "busy.recognising": "Đang nhận diện …",
  "busy.opening": "Đang mở …",
  "busy.queue": "Ảnh {index} trên {count}",
  "busy.cancel": "Huỷ",
  "busy.cancelled": "Đã huỷ. Không có gì được lưu lại.",
  "note.shrunk": "Ảnh này nặng {before}, vượt quá giới hạn 15 MiB. Ảnh đã được thu nhỏ trong trình duyệt còn {after} rồi mới tải lên; ảnh gốc không được gửi đi.",
  "note.converted": "Ảnh này đã được chuyển sang JPEG trong trình duyệt ({after}) trước khi tải lên.",
  "note.close": "Đóng thông báo này",
  "done": "Xong. {labels}, {faces}, {lines}.",
  "count.labels.one": "{n} nhãn",
  "count.labels.other": "{n} nhãn",
  "count.faces.one": "{n} khuôn mặt",
  "count.faces.other": "{n} khuôn mặt",
  "count.lines.one": "{n} dòng chữ",
  "count.lines.other": "{n} dòng chữ",
  "viewer.picture": "Ảnh đã phân tích",
  "viewer.boxes": "Kết quả trên ảnh. Dùng phím mũi tên để chuyển qua từng mục.",
  "viewer.show": "Hiện trên ảnh",
  "viewer.box": "{name}, {percent} %",
  "viewer.missing": "Không hiển thị được ảnh đã lưu. Các liên kết bên dưới có thể vẫn dùng được.",
  "viewer.annotated": "Trình duyệt không hiển thị được định dạng gốc. Đây là ảnh đã xử lý.",
  "layer.objects": "Vật thể",
  "layer.faces": "Khuôn mặt",
  "layer.text": "Chữ",
  "result.title": "Kết quả nhận diện",
  "labels.title": "Nhãn",
  "labels.none": "Không có nhãn nào.",
  "labels.whole": "Toàn ảnh",
  "labels.boxes.one": "{n} khung",
  "labels.boxes.other": "{n} khung",
  "labels.more": "Hiện tất cả {n} nhãn",
  "labels.fewer": "Thu gọn",
  "faces.title": "Khuôn mặt",
  "faces.none": "Không có khuôn mặt nào.",
  "faces.name": "Khuôn mặt {n}",
  "faces.pose": "xoay {yaw}°, ngẩng/cúi {pitch}°, nghiêng {roll}°",
  "faces.quality": "độ sáng {brightness}, độ nét {sharpness}",
  "text.title": "Chữ",
  "text.none": "Không có chữ nào.",
  "text.copy": "Sao chép chữ",
  "moderation.title": "Kiểm tra nội dung",
  "moderation.safe": "Không thấy nội dung phản cảm",
  "moderation.found": "Có thể phản cảm",
  "confidence": "Độ tin cậy {percent} %",
  "times.title": "Thời gian",
  "times.labels": "Nhãn",
  "times.faces": "Khuôn mặt",
  "times.text": "Chữ",
  "times.moderation": "Kiểm tra nội dung",
  "times.recognition": "Nhận diện (song song)",
  "times.draw": "Vẽ khung",
  "times.store": "Lưu trữ",
  "times.total": "Tổng cộng",
  "times.ms": "{n} ms",
  "objects.title": "Tệp đã lưu",
  "objects.hint": "Có thể chia sẻ từng liên kết; liên kết hết hạn sau một giờ.",
  "objects.original": "Ảnh gốc",
  "objects.result": "Kết quả dạng JSON",
  "objects.annotated": "Ảnh có vẽ khung",
  "objects.thumbnail": "Ảnh thu nhỏ",
  "objects.copy": "Sao chép liên kết: {name}",
  "json.title": "JSON",
  "json.copy": "Sao chép JSON",
  "copied": "Đã sao chép.",
  "copy_failed": "Trình duyệt không cho sao chép ở đây. Hãy tự bôi đen và sao chép.",
  "logs.title": "Nhật ký của lần phân tích này",
  "logs.none": "Không còn nhật ký nào của lần phân tích này.",
  "logs.reload": "Đọc lại",
  "delete.button": "Xoá",
  "delete.title": "Xoá lần phân tích này?",
  "delete.text": "Ảnh, kết quả và ảnh thu nhỏ sẽ bị xoá khỏi kho lưu trữ. Không thể hoàn tác.",
  "delete.confirm": "Xoá vĩnh viễn",
  "delete.keep": "Giữ lại",
  "delete.done": "Đã xoá.",
  "history.title": "Ảnh trước đây",
  "history.none": "Chưa có gì. Ảnh bạn phân tích sẽ hiện ở đây.",
  "history.more": "Xem thêm",
  "history.open": "Mở lần phân tích {when}: {labels}",
  "history.nothing": "không có nhãn",
  "history.damaged": "Bị hỏng: không đọc được kết quả",
  "history.damaged_delete": "Xoá lần phân tích bị hỏng lúc {when}",
  "camera.title": "Chụp ảnh",
  "camera.shoot": "Chụp",
  "camera.flip": "Đổi máy ảnh",
  "camera.close": "Đóng",
  "camera.wait": "Đang chờ máy ảnh. Trình duyệt có thể hỏi xin quyền.",
  "camera.denied": "Trình duyệt không cho trang này dùng máy ảnh. Hãy cho phép trong phần cài đặt của trình duyệt, hoặc chọn ảnh có sẵn.",
  "camera.none": "Không tìm thấy máy ảnh. Hãy chọn ảnh có sẵn.",
  "login.title": "Đăng nhập",
  "login.text": "Hãy mở liên kết dùng một lần mà lệnh “openrek serve” đã in ra, hoặc dán mã trong tệp “token” ở thư mục dữ liệu của openrek.",
  "login.text.aws": "Hãy dán khoá mà lệnh “openrek deploy aws” đã in ra khi triển khai.",
  "login.token": "Mã truy cập",
  "login.token.aws": "Khoá",
  "login.button": "Đăng nhập",
  "login.wrong": "Mã không đúng. Hãy so lại với tệp “token” trong thư mục dữ liệu.",
  "login.wrong.aws": "Đây không phải khoá của hệ thống này.",
  "error.title": "Không thực hiện được",
  "error.again": "Thử lại",
  "error.close": "Đóng",
  "error.reference": "Yêu cầu {id}",
  "error.Network": "Máy chủ không trả lời. openrek có còn đang chạy không?",
  "error.Network.aws": "Không có phản hồi. Hãy kiểm tra kết nối internet.",
  "error.InvalidImageFormatException": "Không đọc được ảnh này. Tệp có thể bị hỏng hoặc không phải là ảnh.",
  "error.ImageTooLargeException": "Ảnh này quá lớn: tối đa 15 MiB, 10.000 pixel mỗi cạnh và 100 triệu pixel tổng cộng.",
  "error.ThrottlingException": "Máy chủ đang bận xử lý các ảnh khác. Hãy thử lại sau giây lát.",
  "error.ResourceNotFoundException": "Lần phân tích này không còn tồn tại.",
  "error.UnsupportedMediaType": "Loại tệp này không được hỗ trợ. Hãy chọn một ảnh.",
  "error.AccessDeniedException": "Máy chủ từ chối yêu cầu này.",
  "error.InvalidParameterException": "Yêu cầu hoặc ảnh này không hợp lệ. Ảnh phải có ít nhất 80 pixel mỗi cạnh.",
  "error.NotFound": "Địa chỉ này không còn tồn tại.",
  "error.MissingAuthenticationTokenException": "Bạn chưa đăng nhập hoặc phiên đăng nhập đã hết.",
  "error.UnrecognizedClientException": "Thông tin đăng nhập này không còn dùng được.",
  "error.ProvisionedThroughputExceededException": "Máy chủ đang bận xử lý các ảnh khác. Hãy thử lại sau giây lát.",
  "error.InternalServerError": "Máy chủ gặp lỗi. Chi tiết nằm trong nhật ký của yêu cầu này.",
  "error.some": "{n} trên {count} ảnh không phân tích được:",
  "error.unreadable": "Tệp này nặng {size}, vượt quá giới hạn 15 MiB, và trình duyệt không đọc được để thu nhỏ.",
  "error.no_picture": "Không có ảnh nào trong phần bạn vừa thả hoặc dán.",
  "error.other": "Máy chủ không xử lý được yêu cầu này."
};

const TABLES = { en: EN, vi: VI };
// "aws" on AWS: `openrek deploy aws` writes it into the page.
const PLACE = document.documentElement.dataset.place;
const KEPT_AS = "openrek.language";
const listeners = new Set();
let language = remembered() ?? preferred();
document.documentElement.lang = language;

export const currentLanguage = () => language;
export const otherLanguage = () => (language === "en" ? "vi" : "en");

/** Switches the page to `next` and remembers it. */
export function setLanguage(next) {
  language = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // Without storage the chosen language still applies to this page.
  }
  redraw();
}

/** Notifies everything that shows texts to render again. */
export function redraw() {
  for (const listener of listeners) listener();
}

/** Calls `listener` whenever the language, or what is known in it, changes; the result undoes it. */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The text for `key`, its {holes} filled; where the page runs on AWS, the one for that, if there is one. */
export function t(key, holes = {}) {
  const table = TABLES[language];
  return (table[`${key}.${PLACE}`] ?? table[key]).replace(/\{(\w+)\}/g, (_, hole) => holes[hole] ?? "");
}

export const has = (key) => key in EN;

/** The text for a count: `key.one` or `key.other`, as the language's grammar wants. */
export const counted = (key, n) =>
  t(`${key}.${new Intl.PluralRules(language).select(n) === "one" ? "one" : "other"}`, { n: number(n) });

export const number = (n, digits = 0) =>
  new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n);

/** "0,1" to "100": a confidence in percent. 100 is shown only if it is exactly 100. */
export const percent = (confidence) => number(Math.floor(confidence * 10) / 10, confidence >= 100 ? 0 : 1);

export const size = (bytes) =>
  bytes >= 1048576 ? `${number(bytes / 1048576, 1)} MiB` : `${number(Math.max(1, bytes / 1024))} KiB`;

export const when = (iso) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

export const clock = (iso) =>
  new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(new Date(iso));

function remembered() {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return kept in TABLES ? kept : null;
  } catch {
    return null;
  }
}

function preferred() {
  const known = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in TABLES);
  return known ?? "en";
}
