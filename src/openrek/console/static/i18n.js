// Every word that the console says. Both tables are strict JSON, one key a line: a test compares their keys.

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
  "pick.drop": "Let go to analyse the picture",
  "pick.another": "Another picture",
  "busy.title": "Analysing",
  "busy.preparing": "Making the picture smaller …",
  "busy.sending": "Uploading, {percent} %",
  "busy.recognising": "Recognising …",
  "busy.opening": "Opening …",
  "busy.queue": "Picture {index} of {count}",
  "busy.cancel": "Cancel",
  "busy.cancelled": "Cancelled. Nothing was kept.",
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
  "viewer.boxes": "Findings on the picture. Arrow keys go from one to the next.",
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
  "faces.pose": "turned {yaw}°, nodding {pitch}°, tilted {roll}°",
  "faces.quality": "brightness {brightness}, sharpness {sharpness}",
  "text.title": "Text",
  "text.none": "No text.",
  "text.copy": "Copy the text",
  "moderation.title": "Content check",
  "moderation.safe": "Nothing objectionable found",
  "moderation.found": "May be objectionable",
  "confidence": "{percent} % sure",
  "times.title": "Times",
  "times.labels": "Labels",
  "times.faces": "Faces",
  "times.text": "Text",
  "times.moderation": "Content check",
  "times.recognition": "Recognition, all four at once",
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
  "copy_failed": "Copying is not allowed here. Select the text and copy it yourself.",
  "logs.title": "Log of this analysis",
  "logs.none": "No log records are kept for this analysis.",
  "logs.reload": "Read again",
  "delete.button": "Delete",
  "delete.title": "Delete this analysis?",
  "delete.text": "The picture, its result and its thumbnail are removed from the store. This cannot be undone.",
  "delete.confirm": "Delete for good",
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
  "camera.denied": "The browser does not let this page use the camera. Allow it in the browser’s settings for this page, or choose a picture instead.",
  "camera.none": "No camera was found. Choose a picture instead.",
  "login.title": "Please log in",
  "login.text": "Open the one-time link that “openrek serve” printed, or paste the token from the file “token” in openrek’s data folder.",
  "login.text.aws": "Paste the key that “openrek deploy aws” printed when this was deployed.",
  "login.token": "Token",
  "login.token.aws": "Key",
  "login.button": "Log in",
  "login.wrong": "That is not the token. Compare it with the file “token” in the data folder.",
  "login.wrong.aws": "That is not the key of this deployment.",
  "error.title": "That did not work",
  "error.again": "Try again",
  "error.close": "Close",
  "error.reference": "Request {id}",
  "error.Network": "The server does not answer. Is openrek still running?",
  "error.Network.aws": "There is no answer. Is there a connection to the internet?",
  "error.InvalidImageFormatException": "This file cannot be read as a picture. It may be damaged, or not be a picture at all.",
  "error.ImageTooLargeException": "This picture is too large.",
  "error.ThrottlingException": "The server is busy with other pictures right now. Try again in a moment.",
  "error.ResourceNotFoundException": "This analysis does not exist any more.",
  "error.UnsupportedMediaType": "This kind of file is not supported. Choose a picture.",
  "error.AccessDeniedException": "The server refused this request.",
  "error.InvalidParameterException": "Something about this request or picture is not as it must be.",
  "error.NotFound": "There is nothing at this address any more.",
  "error.MissingAuthenticationTokenException": "You are not logged in any more.",
  "error.UnrecognizedClientException": "This login is not valid any more.",
  "error.ProvisionedThroughputExceededException": "The server is busy with other pictures right now. Try again in a moment.",
  "error.InternalServerError": "Something failed on the server. Its log has the details under this request.",
  "error.some": "{n} of {count} pictures could not be analysed:",
  "error.unreadable": "This file has {size}, more than the limit of 15 MiB, and your browser cannot read it as a picture to make it smaller.",
  "error.no_picture": "There was no picture in what you dropped or pasted.",
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
  "busy.recognising": "Đang nhận dạng …",
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
  "viewer.boxes": "Những gì tìm thấy trên ảnh. Dùng phím mũi tên để đi qua từng mục.",
  "viewer.show": "Hiện trên ảnh",
  "viewer.box": "{name}, {percent} %",
  "viewer.missing": "Không hiển thị được ảnh đã lưu. Các liên kết bên dưới có thể vẫn dùng được.",
  "viewer.annotated": "Trình duyệt không hiển thị được định dạng gốc. Đây là ảnh đã xử lý.",
  "layer.objects": "Vật thể",
  "layer.faces": "Khuôn mặt",
  "layer.text": "Chữ",
  "result.title": "Kết quả nhận dạng",
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
  "faces.pose": "quay {yaw}°, ngẩng/cúi {pitch}°, nghiêng {roll}°",
  "faces.quality": "độ sáng {brightness}, độ nét {sharpness}",
  "text.title": "Chữ",
  "text.none": "Không có chữ nào.",
  "text.copy": "Sao chép chữ",
  "moderation.title": "Kiểm tra nội dung",
  "moderation.safe": "Không thấy nội dung phản cảm",
  "moderation.found": "Có thể phản cảm",
  "confidence": "Chắc chắn {percent} %",
  "times.title": "Thời gian",
  "times.labels": "Nhãn",
  "times.faces": "Khuôn mặt",
  "times.text": "Chữ",
  "times.moderation": "Kiểm tra nội dung",
  "times.recognition": "Nhận dạng, cả bốn việc cùng lúc",
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
  "copy_failed": "Trình duyệt không cho sao chép ở đây. Hãy bôi đen rồi tự sao chép.",
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
  "login.title": "Mời bạn đăng nhập",
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
  "error.Network.aws": "Không có phản hồi. Bạn kiểm tra lại kết nối internet nhé.",
  "error.InvalidImageFormatException": "Không đọc được tệp này như một bức ảnh. Tệp có thể bị hỏng hoặc không phải là ảnh.",
  "error.ImageTooLargeException": "Ảnh này quá lớn: tối đa 15 MiB, 10.000 điểm ảnh mỗi cạnh và 100 triệu điểm ảnh tất cả.",
  "error.ThrottlingException": "Máy chủ đang bận xử lý các ảnh khác. Hãy thử lại sau giây lát.",
  "error.ResourceNotFoundException": "Lần phân tích này không còn nữa.",
  "error.UnsupportedMediaType": "Loại tệp này không được hỗ trợ. Hãy chọn một bức ảnh.",
  "error.AccessDeniedException": "Máy chủ từ chối yêu cầu này.",
  "error.InvalidParameterException": "Yêu cầu hoặc ảnh này không hợp lệ. Ảnh phải có ít nhất 80 điểm ảnh mỗi cạnh.",
  "error.NotFound": "Không còn gì ở địa chỉ này.",
  "error.MissingAuthenticationTokenException": "Bạn chưa đăng nhập hoặc phiên đăng nhập đã hết.",
  "error.UnrecognizedClientException": "Thông tin đăng nhập này không còn dùng được.",
  "error.ProvisionedThroughputExceededException": "Máy chủ đang bận xử lý các ảnh khác. Hãy thử lại sau giây lát.",
  "error.InternalServerError": "Máy chủ gặp lỗi. Chi tiết nằm trong nhật ký của yêu cầu này.",
  "error.some": "{n} trên {count} ảnh không phân tích được:",
  "error.unreadable": "Tệp này nặng {size}, vượt quá giới hạn 15 MiB, và trình duyệt không đọc được nó như một bức ảnh để thu nhỏ.",
  "error.no_picture": "Không có ảnh nào trong phần bạn vừa thả hoặc dán.",
  "error.other": "Máy chủ không làm được việc này."
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
    // A browser that keeps nothing still shows the language asked for.
  }
  redraw();
}

/** Tells everything that shows words to show them anew. */
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

/** "0,1" to "100": a confidence in percent. 100 is said only when it is. */
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
