"""Every reason an inspection can give, in plain words: what is wrong and what to do. Codes are stable."""

from dataclasses import dataclass
from typing import Final

REJECT, SANITISE = "reject", "sanitise"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reason leads to, and its sentence in both languages."""

    verdict: str
    zh: str
    en: str


# What a file turned out to be, when it is none of the types that are taken.
LABELS: Final[dict[str, tuple[str, str]]] = {
    "heic": ("iPhone 的 HEIC 照片", "an iPhone photo (HEIC)"),
    "mov": ("QuickTime 影片（MOV）", "a QuickTime film (MOV)"),
    "3gp": ("3GP 影片", "a 3GP film"),
    "m4a": ("M4A 聲音檔", "an M4A sound file"),
    "webp": ("WebP 圖片", "a WebP picture"),
    "avif": ("AVIF 圖片", "an AVIF picture"),
    "gif": ("GIF 圖片", "a GIF picture"),
    "bmp": ("BMP 圖片", "a BMP picture"),
    "tiff": ("TIFF 圖片", "a TIFF picture"),
    "psd": ("Photoshop 檔", "a Photoshop file"),
    "svg": ("SVG 圖片", "an SVG picture"),
    "html": ("網頁（HTML）", "a web page (HTML)"),
    "xml": ("XML 檔", "an XML file"),
    "rtf": ("RTF 文件", "an RTF document"),
    "word": ("Word 文件", "a Word document"),
    "excel": ("Excel 活頁簿", "an Excel workbook"),
    "powerpoint": ("PowerPoint 簡報", "a PowerPoint presentation"),
    "opendocument": ("OpenDocument 文件", "an OpenDocument file"),
    "old-office": ("舊版 Office 檔或設有密碼的 Office 檔", "an old or password-protected Office file"),
    "epub": ("EPUB 電子書", "an EPUB book"),
    "java": ("Java 或 Android 程式", "a Java or Android program"),
    "windows-program": ("Windows 執行檔", "a Windows program"),
    "program": ("執行檔或指令檔", "a program or script"),
    "zip": ("ZIP 壓縮檔", "a ZIP archive"),
    "rar": ("RAR 壓縮檔", "a RAR archive"),
    "7z": ("7-Zip 壓縮檔", "a 7-Zip archive"),
    "gzip": ("gzip 壓縮檔", "a gzip archive"),
    "wav": ("WAV 聲音檔", "a WAV sound file"),
    "flac": ("FLAC 聲音檔", "a FLAC sound file"),
    "ogg": ("Ogg 影音檔", "an Ogg file"),
    "aac": ("AAC 聲音檔", "an AAC sound file"),
    "mp2": ("MPEG 聲音檔，但不是 MP3", "MPEG sound, yet not MP3"),
    "avi": ("AVI 影片", "an AVI film"),
    "wmv": ("Windows Media 影音檔", "a Windows Media file"),
    "mkv": ("MKV 或 WebM 影片", "an MKV or WebM film"),
    "flv": ("FLV 影片", "an FLV film"),
    "mpeg": ("MPEG 影片", "an MPEG film"),
    "pdf": ("PDF", "a PDF"),
    "jpeg": ("JPEG 圖片", "a JPEG picture"),
    "png": ("PNG 圖片", "a PNG picture"),
    "mp3": ("MP3 聲音檔", "an MP3 sound file"),
    "mp4": ("MP4 影片", "an MP4 film"),
    "xlsx": ("Excel 活頁簿（.xlsx）", "an Excel workbook (.xlsx)"),
    "text": ("純文字檔", "a plain text file"),
    "unknown": ("無法辨識的內容", "unknown content"),
}

MEANINGS: Final[dict[str, Meaning]] = {
    # -- any file ---------------------------------------------------------------------------------
    "empty": Meaning(
        REJECT,
        "檔案是空的（0 位元組）。請重新匯出或重新下載後再選一次。",
        "The file is empty (0 bytes). Export or download it again.",
    ),
    "too-large": Meaning(
        REJECT,
        "檔案超過可以檢查的大小（{limit} MB）。請縮小檔案。",
        "The file is larger than can be inspected ({limit} MB). Make it smaller.",
    ),
    "type-not-allowed": Meaning(
        REJECT,
        "內容其實是{what}，這裡不收這種檔案。請改成可以上傳的類型：{wanted}。",
        "The content is {what}, which is not taken here. Please use one of: {wanted}.",
    ),
    "type-unknown": Meaning(
        REJECT,
        "看不出是哪一種檔案，內容可能已損壞。請從原來的程式重新匯出成：{wanted}。",
        "The type is not recognised; the file may be damaged. Export it again as one of: {wanted}.",
    ),
    "name-disagrees": Meaning(
        REJECT,
        "內容是{what}，檔名卻是「.{extension}」。請改用正確的副檔名，或重新匯出。",
        "The content is {what}, but the name ends in “.{extension}”. Rename it or export it again.",
    ),
    "hidden-content": Meaning(
        REJECT,
        "檔案裡還藏著另一個檔案（{what}）。請用原來的程式重新匯出成單純的檔案。",
        "Another file ({what}) hides inside this one. Export it again as a plain file.",
    ),
    "bytes-after-end": Meaning(
        REJECT,
        "檔案結尾之後還有別的內容。請用原來的程式重新匯出成單純的檔案。",
        "Something else follows the end of the file. Export it again as a plain file.",
    ),
    "bytes-before-start": Meaning(
        REJECT,
        "檔案開頭之前還有別的內容。請用原來的程式重新匯出成單純的檔案。",
        "Something else stands before the start of the file. Export it again as a plain file.",
    ),
    "cannot-be-inspected": Meaning(
        REJECT,
        "檢查這個檔案需要的時間或記憶體超過上限，無法確認它是安全的。請重新匯出較簡單的檔案再試。",
        "Inspecting this file takes more time or memory than allowed. Export a simpler file and try again.",
    ),
    "protection-missing": Meaning(
        REJECT,
        "這部主機目前無法安全地檢查檔案，所以沒有收下。這不是您的問題，請通知系統人員。",
        "This machine cannot inspect files safely now. This is not your fault; tell the administrators.",
    ),
    "location-metadata": Meaning(
        SANITISE,
        "檔案記錄了拍攝地點。原檔會保留並封存，給別人看的版本會移除地點。",
        "The file says where it was made. The original is kept sealed; the copy for others will not say it.",
    ),
    "personal-metadata": Meaning(
        SANITISE,
        "檔案記錄了姓名、裝置或編輯軟體留下的資料。原檔會保留並封存，給別人看的版本會移除。",
        "The file holds names, device numbers or editor notes. The copy for others will not hold them.",
    ),
    "extra-data": Meaning(
        SANITISE,
        "檔案後面附有手機或程式加上的其他資料（例如動態照片）。給別人看的版本只保留圖片本身。",
        "A phone or program added more behind the picture (a motion photo, say). Others get the picture.",
    ),
    # -- PDF --------------------------------------------------------------------------------------
    "encrypted-pdf": Meaning(
        REJECT,
        "PDF 設有密碼或限制，審查者會打不開。請另存為沒有密碼的 PDF。",
        "The PDF has a password or restrictions, so reviewers cannot open it. Save it without a password.",
    ),
    "truncated-pdf": Meaning(
        REJECT,
        "PDF 不完整（沒有結尾），可能是上傳或下載中斷。請重新匯出。",
        "The PDF is incomplete (it has no end); an upload or download may have stopped. Export it again.",
    ),
    "broken-pdf": Meaning(
        REJECT,
        "PDF 已損壞，無法開啟。請用「列印成 PDF」重新產生後再上傳。",
        "The PDF is damaged and cannot be opened. Make it again with “print to PDF”.",
    ),
    "pdf-bomb": Meaning(
        REJECT,
        "PDF 展開之後過大，無法檢查。請用「列印成 PDF」重新產生後再上傳。",
        "The PDF unfolds to too much to be inspected. Make it again with “print to PDF”.",
    ),
    "empty-pdf": Meaning(REJECT, "PDF 裡沒有任何一頁。請重新匯出。", "The PDF has no page. Export it again."),
    "too-many-pages": Meaning(
        REJECT,
        "PDF 的頁數超過可處理的上限（{limit} 頁）。請分成幾個檔案。",
        "The PDF has more pages than can be handled ({limit}). Split it into several files.",
    ),
    "active-content": Meaning(
        SANITISE,
        "PDF 含有程式、會自動執行的動作或會送出資料的表單。原檔會保留並封存，給別人看的版本會移除這些內容。",
        "The PDF holds scripts, automatic actions or forms that send data. The copy for others will not.",
    ),
    "embedded-file": Meaning(
        SANITISE,
        "PDF 裡附有其他檔案。原檔會保留並封存，給別人看的版本會移除附件。",
        "Other files are attached inside the PDF. The copy for others will not have them.",
    ),
    # -- pictures ---------------------------------------------------------------------------------
    "too-many-pixels": Meaning(
        REJECT,
        "圖片宣稱的像素超過可處理的上限（{limit} 萬像素）。請縮小尺寸。",
        "The picture claims more pixels than can be handled ({limit} × 10,000). Make it smaller.",
    ),
    "broken-image": Meaning(
        REJECT,
        "圖片不完整或已損壞，無法開啟。請重新拍照或匯出。",
        "The picture is incomplete or damaged. Take or export it again.",
    ),
    "image-bomb": Meaning(
        REJECT,
        "圖片的內部結構不正常（區段或附註過多）。請用修圖程式重新存檔。",
        "The picture is built abnormally (too many parts or notes). Save it again with an image program.",
    ),
    # -- sound and film ---------------------------------------------------------------------------
    "truncated-media": Meaning(
        REJECT,
        "影音檔不完整，可能是上傳、錄影或傳檔中斷。請重新匯出或重新傳一次。",
        "The film or sound is incomplete; recording or sending may have stopped. Export or send it again.",
    ),
    "broken-media": Meaning(
        REJECT,
        "影音檔已損壞或沒有可播放的內容。請重新匯出。",
        "The film or sound is damaged or has nothing to play. Export it again.",
    ),
    "not-playable": Meaning(
        REJECT,
        "影片的編碼「{codec}」在瀏覽器無法播放。請轉成 H.264 影像與 AAC 聲音的 MP4"
        "（iPhone：設定 → 相機 → 格式 → 最相容）。",
        "Browsers cannot play the encoding “{codec}”. Convert it to an MP4 with H.264 and AAC"
        " (iPhone: Settings → Camera → Formats → Most Compatible).",
    ),
    # -- archives ---------------------------------------------------------------------------------
    "encrypted-archive": Meaning(
        REJECT,
        "壓縮檔設有密碼，無法檢查。請重新壓縮，不要設密碼。",
        "The archive has a password and cannot be inspected. Pack it again without one.",
    ),
    "broken-archive": Meaning(
        REJECT,
        "壓縮檔不完整或已損壞。請重新壓縮。",
        "The archive is incomplete or damaged. Pack it again.",
    ),
    "empty-archive": Meaning(REJECT, "壓縮檔裡沒有任何檔案。", "The archive holds no file."),
    "archive-bomb": Meaning(
        REJECT,
        "壓縮檔解開後過大、檔案過多或層層包裝，不予展開。請只放需要的檔案再壓縮。",
        "The archive unfolds to too much, too many or too deep. Pack only the files that are needed.",
    ),
    "archive-name": Meaning(
        REJECT,
        "壓縮檔裡有不安全的檔名（「{name}」：絕對路徑、上層資料夾、隱形或重複的名稱）。請重新壓縮。",
        "The archive holds an unsafe name (“{name}”: absolute, parent folder, invisible or double).",
    ),
    "archive-link": Meaning(
        REJECT,
        "壓縮檔裡有連結或特殊檔案（「{name}」），不是一般檔案。請重新壓縮。",
        "The archive holds a link or special file (“{name}”). Pack ordinary files only.",
    ),
    "archive-lies": Meaning(
        REJECT,
        "壓縮檔的目錄與內容不符，各程式解開的結果會不同。請重新壓縮。",
        "The archive's list disagrees with its content; programs would unpack other things. Pack it again.",
    ),
    "archive-program": Meaning(
        REJECT,
        "壓縮檔裡有程式（「{name}」）。請拿掉程式再壓縮。",
        "The archive holds a program (“{name}”). Take it out and pack again.",
    ),
    # -- rosters ----------------------------------------------------------------------------------
    "not-a-sheet": Meaning(
        REJECT,
        "內容其實是{what}，不是試算表。請用 Excel 或 LibreOffice 開啟，再「另存為 .xlsx」。",
        "The content is {what}, not a workbook. Open it in Excel or LibreOffice and save it as .xlsx.",
    ),
    "sheet-macros": Meaning(
        REJECT,
        "活頁簿含有巨集程式。請「另存為 .xlsx」（不含巨集）後再上傳。",
        "The workbook holds macros. Save it as .xlsx (without macros).",
    ),
    "sheet-refused": Meaning(REJECT, "{zh}", "{en}"),
    "sheet-links": Meaning(
        SANITISE,
        "活頁簿連到其他檔案；這些連結不會被開啟，只讀取儲存格裡已有的值。",
        "The workbook links to other files; the links are never opened, only the stored values are read.",
    ),
}
